import type { SealedItem } from './evidence';
import { evidenceChanges } from './evidence-changes';

const item = (title: string, sha256: string): SealedItem => ({ title, text: sha256, sha256 });

test('tells of each piece of evidence whether it is new, another, the same or gone', () => {
  const changes = evidenceChanges([item('report', 'a'), item('link', 'b'), item('log', 'c')], [item('log', 'c'), item('report', 'x'), item('chart', 'd')]);
  expect(changes.map(({ title, change }) => [title, change])).toEqual([
    ['log', 'unchanged'], ['report', 'changed'], ['chart', 'added'], ['link', 'removed'],
  ]);
  expect(changes[1]).toMatchObject({ before: { sha256: 'a' }, after: { sha256: 'x' } });
});

test('two pieces of one title are compared in their order', () => {
  const changes = evidenceChanges([item('file', 'a'), item('file', 'b')], [item('file', 'a')]);
  expect(changes.map(({ change, before }) => [change, before?.sha256])).toEqual([['unchanged', 'a'], ['removed', 'b']]);
});
