import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document as YamlDocument, type Node, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import { limits } from '../../limits';
import { deepest, Lines, offsetWithin, type Document } from './document';
import type { FaultList, Path, Place, Position } from './place';
import { deepestYaml, depthBound } from './yaml-depth';

/**
 * Of YAML 1.2 the core schema only, whatever the text asks for: `yes` is a text, and every value is one that JSON has.
 * Its own search for repeated keys compares each with each; ours is linear. Its pretty errors copy the text.
 */
const options = { version: '1.2', schema: 'core', resolveKnownTags: false, strict: true, uniqueKeys: false, prettyErrors: false } as const;

/** Reads a YAML 1.2 document. Adds faults for bad syntax, repeated keys, unknown tags and aliases that expand without end. */
export function readYaml(text: string, faults: FaultList): Document {
  const lines = new Lines(text);
  const syntax = (message: string, offset: number): Document => {
    faults.add({ path: [] }, 'document.syntax', message);
    return { value: undefined, positionsOf: (places) => places.map(() => lines.at(offset)) };
  };
  if (depthBound(text) > deepestYaml) return syntax(`is nested more than ${deepest} levels deep`, 0);
  const parsed = parseDocument(text, { ...options, lineCounter: new LineCounter() });
  const reader = new YamlReader(faults);
  const problems = problemsOf(parsed, text);
  if (problems.length > 0) {
    problems.forEach(({ message }) => faults.add({ path: [] }, 'document.syntax', message));
    return { value: undefined, positionsOf: (places) => places.map((_place, index) => lines.at(problems[index]?.offset ?? 0)) };
  }
  const read = parsed.contents ? reader.read(parsed.contents, []) : null;
  const value = reader.tooLarge ? undefined : read;
  return { value, positionsOf: (places) => places.map((place) => positionIn(text, lines, parsed.contents, reader.anchors, place)) };
}

interface Problem {
  message: string;
  offset: number;
}

/** What is wrong with the text as YAML, in words that say nothing of the parser's own calls. */
function problemsOf({ errors, warnings, directives }: YamlDocument.Parsed<ParsedNode>, text: string): Problem[] {
  const problems = [...errors, ...warnings].map(({ code, message, pos }): Problem => ({ message: problemText(code, message), offset: pos[0] }));
  const { version, explicit } = directives.yaml;
  if (!explicit || version === '1.2') return problems;
  return [{ message: `the document says that it is YAML ${version}, and pipelines are YAML 1.2`, offset: Math.max(0, text.indexOf('%YAML')) }, ...problems];
}

function problemText(code: string, message: string): string {
  switch (code) {
    case 'TAG_RESOLVE_FAILED':
      return message.replace(/^Unresolved tag:/, 'unknown tag:');
    case 'MULTIPLE_DOCS':
      return 'a file holds one pipeline, and here begins another document';
    default:
      return message;
  }
}

/**
 * Turns nodes into data. An alias gives the value of its anchor, and counts as if it were written out: nine lines of
 * aliases can stand for a billion values.
 */
class YamlReader {
  readonly anchors = new Map<string, Node>();
  #characters = 0;
  #open = new Set<Node>();

  constructor(private readonly faults: FaultList) {}

  get tooLarge(): boolean {
    return this.#characters > limits.yamlBytes;
  }

  read(node: unknown, path: Path): unknown {
    if (path.length > deepest) return this.#refuse(path, 'document.too_deep', `is nested more than ${deepest} levels deep`);
    if (this.tooLarge) return null;
    if (isAlias(node)) return this.#readAlias(node.source, path);
    if (isScalar(node)) return this.#readScalar(node, path);
    if (!isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.#open.add(node);
    this.#count(1, path);
    const value = isMap(node) ? this.#readMap(node, path) : node.items.map((item, index) => this.read(item, [...path, index]));
    this.#open.delete(node);
    return value;
  }

  #readScalar(node: { value: unknown; anchor?: string; source?: string }, path: Path): unknown {
    if (node.anchor !== undefined && isScalar(node)) this.anchors.set(node.anchor, node);
    const { value } = node;
    this.#count(typeof value === 'string' ? value.length : 1, path);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && writtenAsInteger.test(String(node.source))) {
      this.faults.add({ path }, 'document.number', 'is an integer beyond 2^53, which loses digits');
    }
    return value;
  }

  #readAlias(name: string, path: Path): unknown {
    const target = this.anchors.get(name);
    if (!target) return this.#refuse(path, 'document.alias', `there is no anchor &${name} before this alias`);
    if (this.#open.has(target)) return this.#refuse(path, 'document.alias', `the alias *${name} is inside of its own anchor`);
    return this.read(target, path);
  }

  #readMap(node: YAMLMap, path: Path): unknown {
    const entries = new Map<string, unknown>();
    for (const pair of node.items) {
      const key = keyOf(pair);
      if (key === null) {
        this.#refuse(path, 'document.key', 'a key must be a text');
        continue;
      }
      const at = [...path, key];
      if (entries.has(key)) this.faults.add({ path: at, key: true }, 'document.duplicate_key', `the key ${key} stands twice`);
      this.#count(key.length, path);
      entries.set(key, this.read(pair.value, at));
    }
    return Object.fromEntries(entries);
  }

  #count(characters: number, path: Path): void {
    const before = this.#characters;
    this.#characters += characters;
    if (before <= limits.yamlBytes && this.#characters > limits.yamlBytes) {
      this.#refuse(path, 'document.alias', `the document with its aliases written out is larger than ${limits.yamlBytes} bytes`);
    }
  }

  #refuse(path: Path, code: string, message: string): null {
    this.faults.add({ path }, code, message);
    return null;
  }
}

/** In digits, or as hexadecimal or octal; `1e20` is written as a double. */
const writtenAsInteger = /^[-+]?(\d+|0x[\da-f]+|0o[0-7]+)$/i;

function keyOf(pair: Pair): string | null {
  if (!isScalar(pair.key)) return pair.key === null ? 'null' : null;
  const { value } = pair.key;
  return typeof value === 'object' && value !== null ? null : String(value);
}

/** Follows a path through the nodes; a place that is not in the document is shown at its nearest parent. */
function positionIn(text: string, lines: Lines, root: unknown, anchors: ReadonlyMap<string, Node>, place: Place): Position {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const [depth, step] of place.path.entries()) {
    if (isAlias(node)) node = anchors.get(node.source);
    const last = depth === place.path.length - 1;
    const pair = isMap(node) ? node.items.findLast((item) => keyOf(item) === String(step)) : undefined;
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (pair === undefined && next === undefined) return lines.at(offset);
    offset = (last && place.key ? startOf(pair?.key) : startOf(next)) ?? startOf(pair?.key) ?? offset;
    node = isPair(next) ? next.value : next;
  }
  const end = isScalar(node) ? (node.range?.[1] ?? offset) : offset;
  return lines.at(place.within ? offset + offsetWithin(text.slice(offset, end), place.within) : offset);
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
