import type { Needs, Order } from './graph';

/**
 * Answers whether one task is an ancestor of another, which expressions may read only then.
 * General reachability is not linear, but what people write nearly is: a direct need, a task along the first needs
 * (kept as intervals of a depth-first numbering), or one a few levels up. The search for the rest has one budget for
 * the whole document, so that no graph makes a check take long.
 */
export class Ancestry {
  readonly #enter: Int32Array;
  readonly #leave: Int32Array;
  readonly #seen: Int32Array;
  #search = 0;
  #edgesLeft: number;

  constructor(
    private readonly needs: Needs,
    private readonly order: Order,
    budget = 50_000_000,
  ) {
    this.#edgesLeft = budget;
    this.#seen = new Int32Array(needs.length);
    [this.#enter, this.#leave] = numberTree(needs, order);
  }

  /** Null when the budget is used up before the answer is known. */
  isAncestor(ancestor: number, task: number): boolean | null {
    if (ancestor === task) return false;
    const direct = this.needs[task] ?? [];
    if (direct.includes(ancestor)) return true;
    if ((this.order.level[ancestor] ?? 0) >= (this.order.level[task] ?? 0)) return false;
    return this.#above(ancestor, task) || this.#searchUp(ancestor, task);
  }

  #above(ancestor: number, task: number): boolean {
    const [enter = 0, leave = 0, at = 0] = [this.#enter[ancestor], this.#leave[ancestor], this.#enter[task]];
    return enter < at && at <= leave;
  }

  #searchUp(ancestor: number, task: number): boolean | null {
    const level = this.order.level[ancestor] ?? 0;
    this.#search += 1;
    const open = [task];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const need of this.needs[at] ?? []) {
        if (this.#edgesLeft-- <= 0) return null;
        if (need === ancestor || this.#above(ancestor, need)) return true;
        if (this.#seen[need] === this.#search || (this.order.level[need] ?? 0) <= level) continue;
        this.#seen[need] = this.#search;
        open.push(need);
      }
    }
    return false;
  }
}

/** Numbers the forest in which each task hangs below its first need, so that being below is being within an interval. */
function numberTree(needs: Needs, order: Order): [Int32Array, Int32Array] {
  const size = new Int32Array(needs.length).fill(1);
  for (let at = order.sorted.length - 1; at >= 0; at -= 1) {
    const task = order.sorted[at] ?? 0;
    const parent = needs[task]?.[0];
    if (parent !== undefined) size[parent] = (size[parent] ?? 0) + (size[task] ?? 0);
  }
  const enter = new Int32Array(needs.length);
  const leave = new Int32Array(needs.length);
  const next = new Int32Array(needs.length);
  let roots = 1;
  for (const task of order.sorted) {
    const parent = needs[task]?.[0];
    const at = parent === undefined ? roots : (next[parent] ?? 0);
    const span = size[task] ?? 1;
    if (parent === undefined) roots += span;
    else next[parent] = at + span;
    enter[task] = at;
    leave[task] = at + span - 1;
    next[task] = at + 1;
  }
  return [enter, leave];
}
