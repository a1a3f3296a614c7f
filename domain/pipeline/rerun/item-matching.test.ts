import fc from 'fast-check';
import { canonicalJson } from '../../canonical-json';
import { matchItems } from './item-matching';

test('an item takes the result of an equal one, wherever it stands, and whatever the order of its keys', () => {
  expect(matchItems([{ b: 1, a: 2 }, 'new', 'x'], ['x', { a: 2, b: 1 }], new Set([0, 1]))).toEqual([{ instance: 0, old: 1 }, { instance: 2, old: 0 }]);
});

test('what has not succeeded is matched by nothing', () => {
  expect(matchItems(['x', 'y'], ['x', 'y'], new Set([1]))).toEqual([{ instance: 1, old: 1 }]);
});

test('where the number of an instance is read, it must be equal, too', () => {
  expect(matchItems(['x', 'y', 'y'], ['x', 'z', 'y', 'y'], new Set([0, 2, 3]), true)).toEqual([{ instance: 0, old: 0 }, { instance: 2, old: 2 }]);
});

test('each result is taken at most once, and as many are taken as there are equal items', () => {
  const items = fc.array(fc.constantFrom('a', 'b', 3, null, { k: 'v' }), { maxLength: 8 });
  fc.assert(fc.property(items, items, fc.array(fc.nat(7)), (next, old, numbers) => {
    const succeeded = new Set(numbers.filter((number) => number < old.length));
    const matches = matchItems(next, old, succeeded);
    const count = (list: unknown[], key: string): number => list.filter((item) => canonicalJson(item) === key).length;
    expect(new Set(matches.map((match) => match.old)).size).toBe(matches.length);
    for (const match of matches) expect(next[match.instance]).toEqual(old[match.old]);
    for (const key of new Set(next.map(canonicalJson))) {
      const free = old.filter((_, number) => succeeded.has(number));
      expect(count(matches.map(({ instance }) => next[instance]), key)).toBe(Math.min(count(next, key), count(free, key)));
    }
  }));
});
