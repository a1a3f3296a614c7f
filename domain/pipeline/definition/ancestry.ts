import { at } from '../cells';
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
    if (this.#needsOf(task).includes(ancestor)) return true;
    if (at(this.order.level, ancestor) >= at(this.order.level, task)) return false;
    return this.#above(ancestor, task) || this.#searchUp(ancestor, task);
  }

  #needsOf(task: number): readonly number[] {
    return this.needs[task] ?? [];
  }

  #above(ancestor: number, task: number): boolean {
    const number = at(this.#enter, task);
    return at(this.#enter, ancestor) < number && number <= at(this.#leave, ancestor);
  }

  #searchUp(ancestor: number, task: number): boolean | null {
    const level = at(this.order.level, ancestor);
    this.#search += 1;
    const open = [task];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const need of this.#needsOf(next)) {
        if (this.#edgesLeft-- <= 0) return null;
        if (need === ancestor || this.#above(ancestor, need)) return true;
        if (at(this.#seen, need) === this.#search || at(this.order.level, need) <= level) continue;
        this.#seen[need] = this.#search;
        open.push(need);
      }
    }
    return false;
  }
}

/** Numbers the forest in which each task hangs below its first need, so that being below is being within an interval. */
function numberTree(needs: Needs, { sorted }: Order): [Int32Array, Int32Array] {
  const size = new Int32Array(needs.length).fill(1);
  for (let position = sorted.length - 1; position >= 0; position -= 1) {
    const task = at(sorted, position);
    const parent = needs[task]?.[0];
    if (parent !== undefined) size[parent] = at(size, parent) + at(size, task);
  }
  const enter = new Int32Array(needs.length);
  const leave = new Int32Array(needs.length);
  const next = new Int32Array(needs.length);
  let roots = 1;
  for (const task of sorted) {
    const parent = needs[task]?.[0];
    const number = parent === undefined ? roots : at(next, parent);
    const span = at(size, task);
    if (parent === undefined) roots += span;
    else next[parent] = number + span;
    enter[task] = number;
    leave[task] = number + span - 1;
    next[task] = number + 1;
  }
  return [enter, leave];
}
