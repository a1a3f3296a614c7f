import type { Place, Position } from './place';

/** A document as data, with a way back to where each value stands. */
export interface Document {
  value: unknown;
  positionsOf(places: readonly Place[]): (Position | null)[];
}

/** Bodies are nested at most so deep: the checks are recursive, and nobody writes more. */
export const deepest = 64;

/** Keys that would change an object's nature instead of being data in it. */
export const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Gives positions from offsets by a table of line beginnings. */
export class Lines {
  readonly #starts = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  at(offset: number): Position {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/**
 * Offset of a place inside a text value, given how the document writes that text. Where the text as a whole is written
 * too differently, the part that is at fault is looked for, and at last the first expression.
 */
export function offsetWithin(raw: string, { text, offset, part }: NonNullable<Place['within']>): number {
  return offsetOf(raw, text, offset) ?? (part && offsetOf(raw, part.source, part.offset)) ?? Math.max(0, raw.indexOf('${{'));
}

function offsetOf(raw: string, text: string, offset: number): number | null {
  const exact = raw.indexOf(text);
  if (exact !== -1) return exact + offset;
  const escaped = raw.indexOf(JSON.stringify(text).slice(1, -1));
  if (escaped !== -1) return escaped + JSON.stringify(text.slice(0, offset)).length - 2;
  // A block, or a text that is folded over lines, is written with other white space than it reads.
  const [written, read] = [withoutSpace(raw), withoutSpace(text)];
  const begin = written.text.indexOf(read.text);
  return begin === -1 ? null : (written.offsets[begin + withoutSpace(text.slice(0, offset)).text.length] ?? null);
}

function withoutSpace(text: string): { text: string; offsets: number[] } {
  const matches = [...text.matchAll(/\S/g)];
  return { text: matches.map(([character]) => character).join(''), offsets: matches.map(({ index }) => index) };
}
