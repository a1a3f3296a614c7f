import { at } from '../cells';
import { taskFlag, type RunGraph } from '../run-graph';
import type { RunProgress, TaskStatus } from '../status';
import { isFinal, state, stateCount, stateOf, taskStatusOf, type State } from './states';

/** State and generation of every task, and how many tasks are in each state. */
export class TaskStates {
  readonly size: number;
  private readonly codes: Uint8Array;
  private readonly generations: Uint32Array;
  private readonly counts = new Uint32Array(stateCount);
  private waitingInFlight = 0;
  private final = 0;

  constructor(private readonly graph: RunGraph, codes?: Uint8Array, generations: ReadonlyMap<number, number> = new Map()) {
    this.size = graph.size;
    this.codes = codes ?? new Uint8Array(graph.size);
    this.generations = new Uint32Array(graph.size);
    for (const [task, generation] of generations) this.generations[task] = generation;
    for (let task = 0; task < this.size; task++) this.count(task, this.get(task), 1);
  }

  get(task: number): State {
    return stateOf(at(this.codes, task));
  }

  set(task: number, code: State): void {
    this.count(task, this.get(task), -1);
    this.codes[task] = code;
    this.count(task, code, 1);
  }

  has(task: number, flag: number): boolean {
    return (at(this.graph.flags, task) & flag) !== 0;
  }

  /** Failed, and neither those who need it nor the run overlook it. */
  failureCounts(task: number): boolean {
    return this.get(task) === state.failed && !this.has(task, taskFlag.continueOnError);
  }

  status(task: number, code: State = this.get(task)): TaskStatus {
    return taskStatusOf(code, this.has(task, taskFlag.waiting));
  }

  generation(task: number): number {
    return at(this.generations, task);
  }

  nextGeneration(task: number): void {
    this.generations[task] = this.generation(task) + 1;
  }

  in(...codes: State[]): number {
    return codes.reduce<number>((sum, code) => sum + at(this.counts, code), 0);
  }

  get allFinal(): boolean {
    return this.final === this.size;
  }

  progress(): RunProgress {
    return {
      total: this.size,
      succeeded: this.in(state.succeeded),
      failed: this.in(state.failed),
      skipped: this.in(state.skippedByNeed, state.skippedByCondition),
      cancelled: this.in(state.cancelledByNeed, state.cancelledByRequest, state.cancelledByStop),
      running: this.in(state.inFlight) - this.waitingInFlight,
      waiting: this.waitingInFlight,
      queued: 0,
      pending: this.in(state.pending, state.undecided, state.deciding, state.ready),
    };
  }

  /** For a snapshot. */
  cells(): { codes: Uint8Array; generations: Uint32Array } {
    return { codes: this.codes, generations: this.generations };
  }

  private count(task: number, code: State, by: 1 | -1): void {
    this.counts[code] = at(this.counts, code) + by;
    if (isFinal(code)) this.final += by;
    if (code === state.inFlight && this.has(task, taskFlag.waiting)) this.waitingInFlight += by;
  }
}
