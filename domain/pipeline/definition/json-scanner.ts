import { deepest } from './document';

/** What a scan of JSON text meets. Offsets are into the text; a value's end comes after all that is in it. */
export interface JsonVisitor<Step> {
  /** A key or index on the way down, and the key's own offset. Returns the visitor's step for what is below. */
  enter(parent: Step, key: string | number, offset: number, end: number): Step;
  value(step: Step, start: number, end: number): void;
  duplicate?(parent: Step, key: string, offset: number): void;
}

/** Where a text is not JSON. */
export class JsonSyntaxError extends SyntaxError {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const space = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Walks JSON text in one pass without building values: `JSON.parse` is fast but forgets where things stand, and takes
 * the last of two equal keys. Throws `JsonSyntaxError`, also above the depth that documents may have.
 */
export class JsonScanner<Step> {
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly visitor: JsonVisitor<Step>,
  ) {}

  scan(root: Step): void {
    this.#value(root, 0);
    this.#skipSpace();
    if (this.#at < this.source.length) throw this.#unexpected('the end');
  }

  #value(step: Step, depth: number): void {
    this.#skipSpace();
    const start = this.#at;
    const character = this.source[start];
    if (depth > deepest) throw new JsonSyntaxError(`is nested more than ${deepest} levels deep`, start);
    if (character === '{') this.#object(step, depth);
    else if (character === '[') this.#array(step, depth);
    else if (character === '"') this.#string();
    else this.#match(scalar, 'a value');
    this.visitor.value(step, start, this.#at);
  }

  #object(step: Step, depth: number): void {
    const keys = new Set<string>();
    this.#at += 1;
    this.#items('}', () => {
      const offset = this.#at;
      const key = this.#string();
      if (keys.has(key)) this.visitor.duplicate?.(step, key, offset);
      keys.add(key);
      const below = this.visitor.enter(step, key, offset, this.#at);
      this.#skipSpace();
      this.#expect(':');
      this.#value(below, depth + 1);
    });
  }

  #array(step: Step, depth: number): void {
    let index = 0;
    this.#at += 1;
    this.#items(']', () => {
      this.#value(this.visitor.enter(step, index, this.#at, this.#at), depth + 1);
      index += 1;
    });
  }

  #items(close: string, item: () => void): void {
    this.#skipSpace();
    if (this.source[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skipSpace();
      item();
      this.#skipSpace();
      if (this.source[this.#at] === close) break;
      if (this.source[this.#at] !== ',') throw this.#unexpected(`"," or "${close}"`);
      this.#at += 1;
    }
    this.#at += 1;
  }

  /** A loop rather than one pattern: matching megabytes of escapes overflows the engine's backtracking stack. */
  #string(): string {
    const start = this.#at;
    if (this.source[start] !== '"') throw this.#unexpected('a text in double quotes');
    this.#at += 1;
    for (let code = this.source.charCodeAt(this.#at); code !== quote; code = this.source.charCodeAt(this.#at)) {
      if (code === backslash) this.#match(escape, 'an escape that JSON has');
      else if (code >= firstPrintable) this.#at += 1;
      else throw this.#unexpected('the end of a text');
    }
    this.#at += 1;
    const token = this.source.slice(start, this.#at);
    return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  }

  #match(pattern: RegExp, what: string): void {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.source)) throw this.#unexpected(what);
    this.#at = pattern.lastIndex;
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.test(this.source);
    this.#at = space.lastIndex;
  }

  #expect(character: string): void {
    if (this.source[this.#at] !== character) throw this.#unexpected(`"${character}"`);
    this.#at += 1;
  }

  #unexpected(wanted: string): JsonSyntaxError {
    const found = this.source[this.#at];
    return new JsonSyntaxError(`expected ${wanted}, found ${found === undefined ? 'the end' : JSON.stringify(found)}`, this.#at);
  }
}
