import { createHash } from 'node:crypto';
import { policyOf, panel } from '../../test/approval/samples';
import { erasedParts, forget, policyWithoutNames, withoutNames } from './erasure';
import { appendEntry, verifyRecord, type RecordContent, type RecordEntry } from './record';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const personal = (values: Record<string, string | string[]>): RecordContent['personal'] =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { salt: `salt of ${name}`, value }]));

const contents: RecordContent[] = [
  { at: 1, type: 'requested', body: { title: 'Publish' }, personal: personal({ by: 'rita', policy: ['ann', 'bob'] }) },
  { at: 2, type: 'voted', body: { choice: 'approve' }, personal: personal({ by: 'ann', address: '10.0.0.7', comment: 'fine by me' }) },
  { at: 3, type: 'delegated', body: {}, personal: personal({ by: 'bob', to: 'ann', address: '10.0.0.8' }) },
];
const record = contents.reduce<RecordEntry[]>((entries, content) => [...entries, appendEntry('one', entries.at(-1) ?? null, content, hash)], []);
const left = (entry: RecordEntry | undefined): string[] => Object.entries(entry?.personal ?? {}).flatMap(([name, part]) => ('value' in part ? [name] : []));

test('what a person said and did is forgotten, and what others said of them, and nothing else', () => {
  const after = record.map((entry) => forget(entry, 'ann'));
  expect(after.map(left)).toEqual([['by'], [], ['by', 'address']]);
  expect(after.map(erasedParts)).toEqual([1, 3, 1]);
});

test('the chain stays right when values are forgotten', () => {
  const after = record.map((entry) => forget(entry, 'ann'));
  expect(verifyRecord('one', after, hash, record.at(-1)?.hash)).toBeNull();
});

test('names are replaced wherever they stand for a person, and text around them is left alone', () => {
  expect(withoutNames({ votes: [{ person: 'ann', at: 1 }], note: 'ann was here', stages: [['ann', 'bob']] }, new Set(['ann'])))
    .toEqual({ votes: [{ person: '(erased)', at: 1 }], note: 'ann was here', stages: [['(erased)', 'bob']] });
});

it.each([
  ['ann, bob', '(erased), bob'], ['owners, ann', 'owners, (erased)'], ['bob, ann and 3 more', 'bob, (erased) and 3 more'], ['anna, joann', 'anna, joann'],
])('a panel that is called %s is called %s without ann', (name, without) => {
  expect(policyWithoutNames(policyOf([[panel(name, 1, 'ann')]]), new Set(['ann'])).stages[0]?.panels[0]?.name).toBe(without);
});
