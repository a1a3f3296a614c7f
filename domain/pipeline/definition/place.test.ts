import { FaultList, pointerOf, type Position } from './place';

/** The faults of a list, each at the position that it has as its index in `positions`. */
const resolved = (faults: FaultList, positions: (Position | null)[] = []) => faults.resolve((places) => places.map((_, index) => positions[index] ?? null));

describe('a list of faults', () => {
  it('has them in the order of the document, and first those that have no place in it', () => {
    const faults = new FaultList();
    for (const name of ['c', 'b', 'a', 'nowhere']) faults.add({ path: [name] }, 'field.value', name);
    const positions = [{ line: 2, column: 5 }, { line: 2, column: 1 }, { line: 1, column: 9 }, null];
    expect(resolved(faults, positions).map(({ path, line, column }) => [path, line, column])).toEqual([['/nowhere', undefined, undefined], ['/a', 1, 9], ['/b', 2, 1], ['/c', 2, 5]]);
    expect(resolved(faults).map(({ path }) => path)).toEqual(['/c', '/b', '/a', '/nowhere']);
  });

  it('keeps the first thousand, and counts the rest', () => {
    const faults = new FaultList();
    expect([faults.empty, faults.count, resolved(faults)]).toEqual([true, 0, []]);
    for (let index = 0; index < FaultList.most + 2; index++) faults.add({ path: [index] }, 'field.value', 'wrong');
    expect([faults.empty, faults.count]).toEqual([false, FaultList.most + 2]);
    expect(resolved(faults).slice(-2)).toEqual([{ code: 'field.value', message: 'wrong', path: '/999' }, { code: 'document.more_faults', message: '2 more faults are not shown', path: '' }]);
  });

  it('has an end in what it quotes', () => {
    const faults = new FaultList();
    faults.add({ path: ['k'.repeat(5_000), 7] }, 'field.unknown', 'm'.repeat(5_000), 'name');
    expect(resolved(faults)).toEqual([{ code: 'field.unknown', message: `${'m'.repeat(1_000)}…`, path: `/${'k'.repeat(1_000)}…/7`, suggestion: 'name' }]);
  });
});

test('a pointer escapes what separates its steps', () => {
  expect(pointerOf(['a/b', 0, '~'])).toBe('/a~1b/0/~0');
  expect(pointerOf([])).toBe('');
});
