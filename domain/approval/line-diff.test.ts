import fc from 'fast-check';
import { lineDiff, type DiffLine } from './line-diff';

const text = (lines: DiffLine[]): string => lines.map((line) => line.sign + line.text).join('|');
const side = (lines: DiffLine[], sign: '+' | '-'): string[] => lines.filter((line) => line.sign === ' ' || line.sign === sign).map((line) => line.text);

test('what stayed is found around and between what changed', () => {
  expect(text(lineDiff(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']))).toBe(' a|-b|+x| c| d|+e');
  expect(text(lineDiff([], ['a']))).toBe('+a');
  expect(text(lineDiff(['a'], []))).toBe('-a');
});

test('very long texts are told as gone and come', () => {
  const [before, after] = [Array.from({ length: 600 }, (_, index) => `b${index}`), Array.from({ length: 600 }, (_, index) => `a${index}`)];
  expect(lineDiff(['same', ...before], ['same', ...after])).toHaveLength(1_201);
});

const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });

test('a diff holds both texts, and no more than the fewest lines', () => {
  fc.assert(fc.property(lines, lines, (before, after) => {
    const diff = lineDiff(before, after);
    expect(side(diff, '-')).toEqual(before);
    expect(side(diff, '+')).toEqual(after);
    expect(diff.filter(({ sign }) => sign === ' ')).toHaveLength(longestCommon(before, after));
  }));
});

/** Slow and obvious. */
function longestCommon([a, ...before]: string[], [b, ...after]: string[]): number {
  if (a === undefined || b === undefined) return 0;
  return a === b ? 1 + longestCommon(before, after) : Math.max(longestCommon(before, [b, ...after]), longestCommon([a, ...before], after));
}
