import { limits } from '../limits';
import { itemsOf } from './for-each';

const refusal = (code: string) => expect.objectContaining({ code, retryable: false });

describe('the items of a forEach', () => {
  it('are those of the list, also when there are none', () => {
    expect(itemsOf(['JFK', { id: 1 }, null])).toEqual(['JFK', { id: 1 }, null]);
    expect(itemsOf([])).toEqual([]);
  });

  it.each([null, 'JFK', 5, { a: 1 }])('are refused when they are no list: %j', (value) => {
    expect(() => itemsOf(value)).toThrow(refusal('expression_failed'));
  });

  it('are at most 10,000', () => {
    const items = Array.from({ length: limits.forEachItems }, () => 0);
    expect(itemsOf(items)).toHaveLength(10_000);
    expect(() => itemsOf([...items, 0])).toThrow(refusal('input_too_large'));
  });

  it('have at most 64 KiB, counted in bytes', () => {
    const fitting = 'x'.repeat(limits.forEachItemsBytes - '[""]'.length);
    expect(itemsOf([fitting])).toHaveLength(1);
    expect(() => itemsOf([`${fitting}x`])).toThrow(refusal('input_too_large'));
    const twoBytesEach = 'é'.repeat((limits.forEachItemsBytes - '[""]'.length) / 2);
    expect(itemsOf([twoBytesEach])).toHaveLength(1);
    expect(() => itemsOf([`${twoBytesEach}é`])).toThrow(refusal('input_too_large'));
  });
});
