import { taskFlag } from '../run-graph';
import { state, type StopReason } from './states';
import type { TaskStates } from './task-states';

/** Whether and why a run ends early, and what is still carried out then. */
export class StopRule {
  /** The first reason; null while the run goes on. */
  reason: StopReason | null = null;
  /** Clean-up is over too. */
  forced = false;

  constructor(private readonly states: TaskStates) {}

  /** Whether a task that is not final is to be cancelled. */
  ends(task: number): boolean {
    return this.reason !== null && !this.spares(task);
  }

  /**
   * Whether a stop leaves a task to clean up: one with `always()` does, one that only names `cancelled()` if it has not
   * started and a cancel was asked for (it may be a join that names it to not run). A waiting step does not start then.
   */
  private spares(task: number): boolean {
    if (this.forced || !this.states.has(task, taskFlag.cleanup)) return false;
    if (this.states.get(task) === state.inFlight) return this.states.has(task, taskFlag.always);
    if (this.states.has(task, taskFlag.waiting)) return false;
    return this.states.has(task, taskFlag.always) || this.reason === 'cancelled';
  }
}
