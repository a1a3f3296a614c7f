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
 * Offset of a place inside a text value, given how the document writes that text. A text with escapes or folded
 * lines is not written as it reads: then it is the offset of the nearest part that is.
 */
export function offsetWithin(raw: string, { source, offset }: NonNullable<Place['within']>): number {
  const exact = raw.indexOf(source);
  if (exact !== -1) return exact + offset;
  const escaped = JSON.stringify(source).slice(1, -1);
  const at = raw.indexOf(escaped);
  if (at !== -1) return at + JSON.stringify(source.slice(0, offset)).length - 2;
  return Math.max(0, raw.indexOf('${{'));
}
