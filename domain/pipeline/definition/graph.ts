import { at } from '../cells';

/** Who needs whom, as indices: task `i` needs `needs[i]`. All walks are loops, so that a chain of 100,000 tasks fits. */
export type Needs = readonly (readonly number[])[];

/** At most so many circles are listed, and of a long one only its first and last ids. */
const mostCycles = 100;
const longestShown = 20;

export interface Order {
  /** Every task after those that it needs; what is in a circle is missing. */
  sorted: Int32Array;
  /** Longest way from a task without needs. An ancestor's is always smaller. */
  level: Int32Array;
}

/** Kahn's topological sort, O(tasks + edges). */
export function orderOf(needs: Needs): Order {
  const { offsets, targets } = dependents(needs);
  const open = Int32Array.from(needs, (list) => list.length);
  const level = new Int32Array(needs.length);
  const sorted = new Int32Array(needs.length);
  let end = 0;
  open.forEach((count, task) => count === 0 && (sorted[end++] = task));
  for (let position = 0; position < end; position += 1) {
    const task = at(sorted, position);
    for (let edge = at(offsets, task); edge < at(offsets, task + 1); edge += 1) {
      const next = at(targets, edge);
      level[next] = Math.max(at(level, next), at(level, task) + 1);
      open[next] = at(open, next) - 1;
      if (open[next] === 0) sorted[end++] = next;
    }
  }
  return { sorted: sorted.subarray(0, end), level };
}

/** The edges turned around: those who need task `i` are `targets[offsets[i]] … targets[offsets[i + 1] - 1]`. */
function dependents(needs: Needs): { offsets: Int32Array; targets: Int32Array } {
  const offsets = new Int32Array(needs.length + 1);
  needs.forEach((list) => list.forEach((need) => (offsets[need + 1] = at(offsets, need + 1) + 1)));
  for (let task = 0; task < needs.length; task += 1) offsets[task + 1] = at(offsets, task + 1) + at(offsets, task);
  const next = offsets.slice();
  const targets = new Int32Array(at(offsets, needs.length));
  needs.forEach((list, task) =>
    list.forEach((need) => {
      targets[at(next, need)] = task;
      next[need] = at(next, need) + 1;
    }),
  );
  return { offsets, targets };
}

const [fresh, open, done] = [0, 1, 2];

/**
 * One circle for each edge that closes one, found by depth-first search: none is missed that has no edge in common with
 * a smaller one. Each is the list of its tasks, first to last need.
 */
export function cyclesOf(needs: Needs): number[][] {
  const state = new Uint8Array(needs.length);
  const nextNeed = new Int32Array(needs.length);
  const cycles: number[][] = [];
  for (let root = 0; root < needs.length && cycles.length < mostCycles; root += 1) {
    const path = at(state, root) === fresh ? [root] : [];
    for (let task = path.at(-1); task !== undefined; task = path.at(-1)) {
      state[task] = open;
      const need = needs[task]?.[at(nextNeed, task)];
      nextNeed[task] = at(nextNeed, task) + 1;
      if (need === undefined) {
        state[task] = done;
        path.pop();
      } else if (at(state, need) === fresh) path.push(need);
      else if (at(state, need) === open && cycles.length < mostCycles) cycles.push(path.slice(path.lastIndexOf(need)));
    }
  }
  return cycles;
}

/** `a -> b -> a`: each needs the next. */
export function cycleText(cycle: readonly number[], idOf: (task: number) => string): string {
  const ids = [...cycle, ...cycle.slice(0, 1)].map(idOf);
  if (ids.length <= longestShown) return ids.join(' -> ');
  return [...ids.slice(0, longestShown / 2), `… ${ids.length - longestShown} more …`, ...ids.slice(-longestShown / 2)].join(' -> ');
}
