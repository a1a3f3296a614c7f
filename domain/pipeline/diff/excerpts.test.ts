import fc from 'fast-check';
import { excerpts } from './excerpts';

test('what is short stays whole', () => {
  expect(excerpts('-120', '-1200', 60)).toEqual(['-120', '-1200']);
});

test('what is long is shown where it differs, with its surroundings', () => {
  const sql = (limit: string): string => `select ${'x, '.repeat(100)}y from t where delay > ${limit}`;
  expect(excerpts(sql('15'), sql('30'), 20)).toEqual(['…m t where delay > 15', '…m t where delay > 30']);
  expect(excerpts(`a${'x'.repeat(50)}`, `b${'x'.repeat(50)}`, 5)).toEqual(['axxxx…', 'bxxxx…']);
});

test('different texts never look equal, and neither is longer than asked for', () => {
  const text = fc.string({ maxLength: 80, unit: fc.constantFrom('a', 'b') });
  fc.assert(fc.property(text, text, fc.integer({ min: 4, max: 30 }), (left, right, length) => {
    const [before, after] = excerpts(left, right, length);
    expect(before === after).toBe(left === right);
    expect(Math.max(before.length, after.length)).toBeLessThanOrEqual(length + 2);
  }));
});
