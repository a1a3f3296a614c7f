import fc from 'fast-check';
import { Ancestry } from './ancestry';
import { faultsOf } from '../../../test/definition/samples';
import { cyclesOf, cycleText, orderOf } from './graph';

/** Needs of up to 12 tasks, in any direction. */
const anyNeeds = fc.integer({ min: 1, max: 12 }).chain((size) => fc.array(fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size })).map((needs) => needs.map((list, task) => list.filter((need) => need !== task)));
/** Needs that only point at earlier tasks, and so have no circle. */
const acyclic = anyNeeds.map((needs) => needs.map((list, task) => list.filter((need) => need < task)));

/** The obvious way: everything that is reached by following needs. */
function ancestorsOf(needs: readonly number[][], task: number): Set<number> {
  const found = new Set<number>();
  const visit = (at: number): void => needs[at]?.forEach((need) => {
    if (!found.has(need)) {
      found.add(need);
      visit(need);
    }
  });
  visit(task);
  return found;
}

describe('circles', () => {
  it('are found if and only if there are any', () => {
    fc.assert(fc.property(anyNeeds, (needs) => {
      const circular = needs.some((_list, task) => ancestorsOf(needs, task).has(task));
      expect(cyclesOf(needs).length > 0).toBe(circular);
      expect(orderOf(needs).sorted.length < needs.length).toBe(circular);
    }));
  });

  it('are circles: each task needs the next', () => {
    fc.assert(fc.property(anyNeeds, (needs) => {
      for (const cycle of cyclesOf(needs)) cycle.forEach((task, at) => expect(needs[task]).toContain(cycle[(at + 1) % cycle.length]));
    }));
  });

  it('are all found where they share no edge', () => {
    expect(cyclesOf([[1, 2], [0], [0], [4], [3]])).toEqual([[0, 1], [0, 2], [3, 4]]);
  });

  it('are printed as a -> b -> a, every one', () => {
    const task = (id: string, ...needs: string[]) => ({ id, uses: 'core.noop', needs });
    expect(faultsOf({}, [task('a', 'b'), task('b', 'c'), task('c', 'a'), task('d', 'e'), task('e', 'd'), task('f', 'e')])).toEqual([
      'task.cycle /tasks/0/needs: tasks need each other in a circle: a -> b -> c -> a',
      'task.cycle /tasks/3/needs: tasks need each other in a circle: d -> e -> d',
    ]);
  });

  it('that are long are cut in the middle', () => {
    const text = cycleText(Array.from({ length: 1_000 }, (_, n) => n), (n) => `t${n}`);
    expect(text).toMatch(/^t0 -> t1 -> .*… 981 more ….* -> t999 -> t0$/);
  });
});

describe('ancestors', () => {
  it('are those that are reached by following needs', () => {
    fc.assert(fc.property(acyclic, (needs) => {
      const ancestry = new Ancestry(needs, orderOf(needs));
      needs.forEach((_list, task) => {
        const expected = ancestorsOf(needs, task);
        needs.forEach((__list, other) => expect(ancestry.isAncestor(other, task)).toBe(expected.has(other)));
      });
    }));
  });

  it('are not known when the search has used up its budget', () => {
    const needs = [[], [], [0, 1], [2], [3]];
    expect(new Ancestry(needs, orderOf(needs), 0).isAncestor(1, 4)).toBeNull();
  });
});
