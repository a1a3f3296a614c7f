import { Lines, offsetWithin, type Document } from './document';
import { JsonScanner, JsonSyntaxError, type JsonVisitor } from './json-scanner';
import type { FaultList, Path, Place, Position } from './place';

/** A value's way from the root, linked upwards so that a scan of millions of values allocates little. */
interface Step {
  parent: Step | null;
  key: string | number;
}

function pathOf(step: Step): Path {
  const path: (string | number)[] = [];
  for (let at: Step = step; at.parent; at = at.parent) path.unshift(at.key);
  return path;
}

/** Reads a JSON document. Faults are added for what is not JSON, and for a key that stands twice. */
export function readJson(text: string, faults: FaultList): Document {
  const lines = new Lines(text);
  try {
    new JsonScanner<Step>(text, watchFor(text, faults)).scan({ parent: null, key: '' });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    faults.add({ path: [] }, 'document.syntax', error.message);
    return { value: undefined, positionsOf: (places) => places.map(() => lines.at(error.offset)) };
  }
  const value: unknown = JSON.parse(text);
  return { value, positionsOf: (places) => locate(text, lines, places) };
}

/** What only the text tells: a key that stands twice, and digits that a double would lose. */
function watchFor(text: string, faults: FaultList): JsonVisitor<Step> {
  return {
    enter: (parent, key) => ({ parent, key }),
    value(step, start, end) {
      if (end - start > 15 && integer.test(text.slice(start, Math.min(end, start + 400))) && !Number.isSafeInteger(Number(text.slice(start, end)))) {
        faults.add({ path: pathOf(step) }, 'document.number', 'is an integer beyond 2^53, which loses digits');
      }
    },
    duplicate: (parent, key) => faults.add({ path: pathOf({ parent, key }), key: true }, 'document.duplicate_key', `the key ${key} stands twice`),
  };
}

const integer = /^-?\d+$/;

/** The places that are looked for, as a tree along their paths. */
class Wanted {
  /** Whether the document has it. */
  met = false;
  readonly below = new Map<string | number, Wanted>();
  readonly found: { key?: boolean; set: (offset: number) => void; within?: Place['within'] }[] = [];

  at(path: Path): Wanted {
    return path.reduce<Wanted>((node, step) => {
      const next = node.below.get(step) ?? new Wanted();
      node.below.set(step, next);
      return next;
    }, this);
  }

  /** What the document does not have is shown at its nearest parent. */
  missing(offset: number): void {
    for (const node of this.below.values()) {
      if (node.met) continue;
      node.found.forEach(({ set }) => set(offset));
      node.missing(offset);
    }
  }
}

/** Finds all places in one more scan: positions are needed only when there are faults. */
function locate(text: string, lines: Lines, places: readonly Place[]): (Position | null)[] {
  const offsets: (number | null)[] = places.map(() => null);
  const root = new Wanted();
  places.forEach(({ path, key, within }, index) => {
    root.at(path).found.push({ ...(key ? { key } : {}), ...(within ? { within } : {}), set: (offset) => (offsets[index] = offset) });
  });
  new JsonScanner<Wanted | undefined>(text, {
    enter(parent, key, offset) {
      const wanted = parent?.below.get(key);
      if (wanted) wanted.met = true;
      wanted?.found.forEach((place) => place.key && place.set(offset));
      return wanted;
    },
    value(wanted, start, end) {
      wanted?.missing(start);
      wanted?.found.forEach(({ key, within, set }) => {
        if (!key) set(start + (within ? offsetWithin(text.slice(start, end), within) : 0));
      });
    },
  }).scan(root);
  return offsets.map((offset) => (offset === null ? null : lines.at(offset)));
}
