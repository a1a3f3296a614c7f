import { diffArtifacts, diffValues, durationDiffers } from './run-diff';

test('values differ by what they are, not by the order of their keys; one that is missing is told as missing', () => {
  expect(diffValues({ a: { x: 1, y: 2 }, b: 1, old: null }, { a: { y: 2, x: 1 }, b: 2, now: 'n' }))
    .toEqual([{ name: 'b', left: 1, right: 2 }, { name: 'now', right: 'n' }, { name: 'old', left: null }]);
});

test('artifacts differ by their contents', () => {
  const artifact = (name: string, sha256: string, instance: number | null = null) => ({ task: 't', instance, name, sha256 });
  const left = [artifact('same', '1'), artifact('other', '1'), artifact('gone', '1'), artifact('item', '1', 0)];
  const right = [artifact('same', '1'), artifact('other', '2'), artifact('item', '1', 1)];
  expect(diffArtifacts(left, right)).toEqual(new Map([['t', [
    { instance: null, name: 'other', left: '1', right: '2' }, { instance: null, name: 'gone', left: '1', right: null },
    { instance: 0, name: 'item', left: '1', right: null }, { instance: 1, name: 'item', left: null, right: '1' },
  ]]]));
});

test.each([[100, 1_050, false], [1_000, 1_900, false], [1_000, 2_000, true], [5_000, 2_000, true], [null, 9_000, false]])('durations of %p and %p ms differ: %p', (left, right, differs) => {
  expect(durationDiffers(left, right)).toBe(differs);
});
