import { at } from './cells';
import type { Plan } from './plan';

/** Bits of `RunGraph.flags`, one byte a task. */
export const taskFlag = {
  /** Has an `if` or a `forEach`: it must be evaluated before it can start. */
  evaluate: 1,
  forEach: 2,
  continueOnError: 4,
  /** Its `if` names a status function, so a need that did not succeed does not skip it by itself. */
  statusFunction: 8,
  /** Its `if` names `always()` or `cancelled()`: it is still decided after a cancel. */
  cleanup: 16,
  /** A step that waits (`core.wait`, `pipeline.run`, `approval`): counted as waiting, not started during clean-up. */
  waiting: 32,
  /** Its `if` names `always()`: a cancel does not reach it once it runs, and it runs after a time-out too. */
  always: 64,
  /** Its `forEach` has its own `continueOnError`. */
  continueItems: 128,
} as const;

/**
 * The shape of a run as integers only, so that 100,000 tasks fit a workflow:
 * task `i` needs `needs[offsets[i]] … needs[offsets[i + 1] - 1]`.
 */
export interface RunGraph {
  size: number;
  offsets: Uint32Array;
  needs: Uint32Array;
  flags: Uint8Array;
  /** `forEach.maxParallel` by task, for those that limit it. */
  maxParallel: ReadonlyMap<number, number>;
  failFast: boolean;
}

export const hasFlag = ({ flags }: RunGraph, task: number, flag: (typeof taskFlag)[keyof typeof taskFlag]): boolean => (at(flags, task) & flag) !== 0;

export type StatusNames = (expression: string) => ReadonlySet<string>;

/** Names of tasks that wait without holding anything. */
const waitingSteps: ReadonlySet<string> = new Set(['core.wait', 'pipeline.run', 'approval']);

/**
 * Reduces a plan to its graph.
 * @param statusNames gives the status functions (`success`, `failure`, `cancelled`, `always`) that an expression names
 */
export function graphOf(plan: Plan, statusNames: StatusNames): RunGraph {
  const size = plan.tasks.length;
  const offsets = new Uint32Array(size + 1);
  const flags = new Uint8Array(size);
  const needs: number[] = [];
  const maxParallel = new Map<number, number>();
  plan.tasks.forEach((task, index) => {
    for (const need of task.needs ?? []) needs.push(need);
    offsets[index + 1] = needs.length;
    const names = task.if === undefined ? undefined : statusNames(task.if);
    if (task.forEach?.maxParallel !== undefined) maxParallel.set(index, task.forEach.maxParallel);
    flags[index] =
      (task.if !== undefined || task.forEach ? taskFlag.evaluate : 0) |
      (task.forEach ? taskFlag.forEach : 0) |
      (task.continueOnError ? taskFlag.continueOnError : 0) |
      (names?.size ? taskFlag.statusFunction : 0) |
      (names?.has('always') || names?.has('cancelled') ? taskFlag.cleanup : 0) |
      (waitingSteps.has(task.uses) ? taskFlag.waiting : 0) |
      (names?.has('always') ? taskFlag.always : 0) |
      (task.forEach?.continueOnError ? taskFlag.continueItems : 0);
  });
  return { size, offsets, needs: Uint32Array.from(needs), flags, maxParallel, failFast: plan.failFast === true };
}
