import type { Fault } from '../fault';

/** Keys and indices from the root of the document to a value. */
export type Path = readonly (string | number)[];

/** Where in the document a fault is, before lines and columns are known. */
export interface Place {
  path: Path;
  /** Points at the key rather than at the value. */
  key?: boolean;
  /** Points into a text value, at the character `offset` of it; the same place in the expression that holds it is `part`. */
  within?: { text: string; offset: number; part?: { source: string; offset: number } };
}

export interface Position {
  line: number;
  column: number;
}

/** JSON pointer (RFC 6901). */
export const pointerOf = (path: Path): string => path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A key of a megabyte would stand in every fault below it, and what people read has an end. */
const longestText = 1_000;
const cut = (text: string): string => (text.length <= longestText ? text : `${text.slice(0, longestText)}…`);

export type FaultText = Pick<Fault, 'code' | 'message' | 'suggestion'>;

/** Collects what is wrong. Keeps the first thousand: a document with more is answered with their number. */
export class FaultList {
  static readonly most = 1_000;
  readonly #faults: { place: Place; text: FaultText }[] = [];
  #more = 0;

  add(place: Place, code: string, message: string, suggestion?: string): void {
    if (this.#faults.length >= FaultList.most) this.#more += 1;
    else this.#faults.push({ place, text: { code, message: cut(message), ...(suggestion === undefined ? {} : { suggestion }) } });
  }

  get empty(): boolean {
    return this.#faults.length === 0;
  }

  get count(): number {
    return this.#faults.length + this.#more;
  }

  /** The faults in the order of the document, with their positions. */
  resolve(positionsOf: (places: readonly Place[]) => (Position | null)[]): Fault[] {
    const positions = positionsOf(this.#faults.map(({ place }) => place));
    const faults = this.#faults.map(({ place, text }, index): Fault => ({ ...text, path: pointerOf(place.path.map((step) => (typeof step === 'string' ? cut(step) : step))), ...positions[index] }));
    faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    if (this.#more > 0) faults.push({ code: 'document.more_faults', message: `${this.#more} more faults are not shown`, path: '' });
    return faults;
  }
}
