import { at } from '../cells';
import type { RunGraph } from '../run-graph';
import { isCancelled, isFinal, isSkipped } from './states';
import type { TaskStates } from './task-states';

/** What the needs of a task mean for it when it names no status function. */
export type NeedsVerdict = 'met' | 'skipped' | 'cancelled';

/** The edges of a run, walked both ways: how many needs of each task are open, and below which tasks one has failed. */
export class Needs {
  private readonly open: Uint32Array;
  private readonly dependentOffsets: Uint32Array;
  private readonly dependents: Uint32Array;
  private readonly ancestorFailed: Uint8Array;

  constructor(private readonly graph: RunGraph, private readonly states: TaskStates) {
    this.open = new Uint32Array(graph.size);
    this.ancestorFailed = new Uint8Array(graph.size);
    this.dependentOffsets = dependentOffsetsOf(graph);
    this.dependents = dependentsOf(graph, this.dependentOffsets);
    for (let task = 0; task < graph.size; task++) {
      this.eachNeed(task, (need) => { if (!isFinal(states.get(need))) this.open[task] = this.openOf(task) + 1; });
      if (states.failureCounts(task)) this.markFailed(task);
    }
  }

  openOf(task: number): number {
    return at(this.open, task);
  }

  /** A task became final: visits each dependent that has no open need any more. */
  close(task: number, visit: (dependent: number) => void): void {
    this.eachDependent(task, (dependent) => {
      const open = this.openOf(dependent) - 1;
      this.open[dependent] = open;
      if (open === 0) visit(dependent);
    });
  }

  /** A final task is to be carried out again: visits each dependent. */
  reopen(task: number, visit: (dependent: number) => void): void {
    this.eachDependent(task, (dependent) => {
      this.open[dependent] = this.openOf(dependent) + 1;
      visit(dependent);
    });
  }

  /** Valid once all needs are final. A cancelled need outweighs the others. */
  verdict(task: number): NeedsVerdict {
    let verdict: NeedsVerdict = 'met';
    this.eachNeed(task, (need) => {
      const code = this.states.get(need);
      if (isCancelled(code)) verdict = 'cancelled';
      else if (verdict === 'met' && (isSkipped(code) || this.states.failureCounts(need))) verdict = 'skipped';
    });
    return verdict;
  }

  hasFailedAncestor(task: number): boolean {
    return at(this.ancestorFailed, task) === 1;
  }

  /** A failure that counts: all that depends on the task learns of it, each once, however many fail. */
  markFailed(task: number): void {
    const marked = [task];
    for (const above of marked) {
      this.eachDependent(above, (below) => {
        if (this.hasFailedAncestor(below)) return;
        this.ancestorFailed[below] = 1;
        marked.push(below);
      });
    }
  }

  /** A failed task is to be carried out again: what depends on it forgets, unless another ancestor has failed. */
  clearFailed(task: number): void {
    const below: number[] = [];
    const clear = (dependent: number): void => {
      if (!this.hasFailedAncestor(dependent)) return;
      this.ancestorFailed[dependent] = 0;
      below.push(dependent);
    };
    this.eachDependent(task, clear);
    for (const cleared of below) this.eachDependent(cleared, clear);
    for (const cleared of below) this.markAgain(cleared);
  }

  private markAgain(task: number): void {
    let failed = false;
    this.eachNeed(task, (need) => { failed ||= this.states.failureCounts(need) || this.hasFailedAncestor(need); });
    if (!failed || this.hasFailedAncestor(task)) return;
    this.ancestorFailed[task] = 1;
    this.markFailed(task);
  }

  private eachNeed(task: number, visit: (need: number) => void): void {
    const { needs, offsets } = this.graph;
    for (let edge = at(offsets, task); edge < at(offsets, task + 1); edge++) visit(at(needs, edge));
  }

  private eachDependent(task: number, visit: (dependent: number) => void): void {
    const end = at(this.dependentOffsets, task + 1);
    for (let edge = at(this.dependentOffsets, task); edge < end; edge++) visit(at(this.dependents, edge));
  }
}

function dependentOffsetsOf({ size, needs }: RunGraph): Uint32Array {
  const offsets = new Uint32Array(size + 1);
  for (const need of needs) offsets[need + 1] = at(offsets, need + 1) + 1;
  for (let task = 0; task < size; task++) offsets[task + 1] = at(offsets, task + 1) + at(offsets, task);
  return offsets;
}

function dependentsOf({ size, offsets, needs }: RunGraph, starts: Uint32Array): Uint32Array {
  const dependents = new Uint32Array(needs.length);
  const next = starts.slice();
  for (let task = 0; task < size; task++) {
    for (let edge = at(offsets, task); edge < at(offsets, task + 1); edge++) {
      const need = at(needs, edge);
      dependents[at(next, need)] = task;
      next[need] = at(next, need) + 1;
    }
  }
  return dependents;
}
