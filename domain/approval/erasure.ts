import type { Json } from '../json';
import type { PolicySnapshot } from './policy';
import { erasePersonal, type RecordEntry } from './record';

/** What stands where a name was. */
export const erasedName = '(erased)';

/** Values that are about whoever acted, whether they name somebody or not. */
const ownParts: ReadonlySet<string> = new Set(['by', 'address', 'comment', 'form', 'reason']);

/** The entry without what it holds about a person: their own words, and whatever names them. Its hash stays right. */
export function forget(entry: RecordEntry, person: string): RecordEntry {
  const isOwn = valueOf(entry, 'by') === person;
  const names = Object.keys(entry.personal).filter((name) => (isOwn && ownParts.has(name)) || mentions(valueOf(entry, name), new Set([person])));
  return erasePersonal(entry, names);
}

/** A value in which other words stand for these names. */
export function withoutNames(value: Json, people: ReadonlySet<string>): Json {
  if (typeof value === 'string') return people.has(value) ? erasedName : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNames(item, people));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNames(item, people)]));
}

/** A policy in which panels that are called by the names of their people are called so no more. */
export const policyWithoutNames = (policy: PolicySnapshot, people: ReadonlySet<string>): PolicySnapshot => ({
  ...policy,
  stages: policy.stages.map((stage) => ({ ...stage, panels: stage.panels.map((panel) => ({ ...panel, name: listWithout(panel.name, people) })) })),
});

/** `ann, bob and 3 more`, as `peopleText` writes it. */
const listWithout = (text: string, people: ReadonlySet<string>): string =>
  text.split(', ').map((piece) => {
    const [, person = piece, rest = ''] = /^(.*)( and \d+ more)$/.exec(piece) ?? [];
    return people.has(person) ? `${erasedName}${rest}` : piece;
  }).join(', ');

/** How many values of an entry have been erased. */
export const erasedParts = ({ personal }: RecordEntry): number => Object.values(personal).filter((part) => !('value' in part)).length;

function valueOf({ personal }: RecordEntry, name: string): Json | undefined {
  const part = personal[name];
  return part && 'value' in part ? part.value : undefined;
}

const mentions = (value: Json | undefined, people: ReadonlySet<string>): boolean =>
  value !== undefined && JSON.stringify(withoutNames(value, people)) !== JSON.stringify(value);
