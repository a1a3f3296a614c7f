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
  for (let at = 0; at < end; at += 1) {
    const task = sorted[at] ?? 0;
    for (let edge = offsets[task] ?? 0; edge < (offsets[task + 1] ?? 0); edge += 1) {
      const next = targets[edge] ?? 0;
      level[next] = Math.max(level[next] ?? 0, (level[task] ?? 0) + 1);
      const left = (open[next] ?? 0) - 1;
      open[next] = left;
      if (left === 0) sorted[end++] = next;
    }
  }
  return { sorted: sorted.subarray(0, end), level };
}

/** The edges turned around: those who need task `i` are `targets[offsets[i]] … targets[offsets[i + 1] - 1]`. */
function dependents(needs: Needs): { offsets: Int32Array; targets: Int32Array } {
  const offsets = new Int32Array(needs.length + 1);
  needs.forEach((list) => list.forEach((need) => (offsets[need + 1] = (offsets[need + 1] ?? 0) + 1)));
  for (let task = 0; task < needs.length; task += 1) offsets[task + 1] = (offsets[task + 1] ?? 0) + (offsets[task] ?? 0);
  const next = offsets.slice();
  const targets = new Int32Array(offsets[needs.length] ?? 0);
  needs.forEach((list, task) =>
    list.forEach((need) => {
      const at = next[need] ?? 0;
      targets[at] = task;
      next[need] = at + 1;
    }),
  );
  return { offsets, targets };
}

/**
 * One circle for each edge that closes one, found by depth-first search: none is missed that has no edge in common with
 * a smaller one. Each is the list of its tasks, first to last need.
 */
export function cyclesOf(needs: Needs): number[][] {
  const fresh = 0, open = 1, done = 2;
  const state = new Uint8Array(needs.length);
  const nextNeed = new Int32Array(needs.length);
  const cycles: number[][] = [];
  for (let root = 0; root < needs.length && cycles.length < mostCycles; root += 1) {
    const path = state[root] === fresh ? [root] : [];
    state[root] = Math.max(state[root] ?? 0, open);
    for (let task = path.at(-1); task !== undefined; task = path.at(-1)) {
      const at = nextNeed[task] ?? 0;
      nextNeed[task] = at + 1;
      const need = needs[task]?.[at];
      if (need === undefined) state[path.pop() ?? 0] = done;
      else if (state[need] === fresh) state[path[path.push(need) - 1] ?? 0] = open;
      else if (state[need] === open && cycles.length < mostCycles) cycles.push(path.slice(path.lastIndexOf(need)));
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
