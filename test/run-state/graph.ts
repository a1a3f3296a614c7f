import type { RunGraph } from '../../domain/pipeline/run-graph';
import { RunState, type RunSnapshot, type Unit } from '../../domain/pipeline/run-state';

/** A task of a graph made by hand. */
export interface Node {
  needs?: number[];
  flags?: number;
  maxParallel?: number;
}

export function graphOf(nodes: Node[], failFast = false): RunGraph {
  const offsets = new Uint32Array(nodes.length + 1);
  nodes.forEach(({ needs = [] }, index) => { offsets[index + 1] = (offsets[index] ?? 0) + needs.length; });
  return {
    size: nodes.length, offsets, failFast,
    needs: Uint32Array.from(nodes.flatMap(({ needs = [] }) => needs)),
    flags: Uint8Array.from(nodes.map(({ flags = 0 }) => flags)),
    maxParallel: new Map(nodes.flatMap(({ maxParallel }, index) => (maxParallel === undefined ? [] : [[index, maxParallel]]))),
  };
}

export const runOf = (nodes: Node[], failFast = false): RunState => new RunState(graphOf(nodes, failFast));

/** The task itself, or one instance of its `forEach`. */
export const unit = (task: number, instance = -1): Unit => ({ task, instance });
/** Starts what may start. */
export const started = (run: RunState, max = 100): Unit[] => [...run.takeReady('waiting', max), ...run.takeReady('working', max)];
export const statuses = (run: RunState, size: number): string[] => Array.from({ length: size }, (_, task) => run.statusOf(task));

/** Decides all that is undecided to run, over this many items. */
export function expanded(run: RunState, items: number): void {
  for (const task of run.takeDecisions()) {
    run.decide(task, true);
    run.expand(task, items);
  }
}

/** What is left of a snapshot on the other side of a continue-as-new. */
export const carriedOver = (snapshot: RunSnapshot): RunSnapshot => JSON.parse(JSON.stringify(snapshot)) as RunSnapshot;
