import type { RunGraph } from '../run-graph';
import type { RunProgress, TaskStatus } from '../status';
import type { RunSnapshot } from './snapshot';
import { phaseOf, state, type StopReason, type UnitPhase } from './states';
import { Transitions } from './transitions';
import type { Unit } from './unit';

/** How a run and its units stand: the questions, none of which changes anything. */
export class RunStanding {
  protected readonly transitions: Transitions;
  protected isPaused: boolean;

  constructor(graph: RunGraph, carried?: RunSnapshot) {
    this.transitions = new Transitions(graph, carried);
    this.isPaused = carried?.paused ?? false;
  }

  /** Of a task or an instance. Instances of a task that succeeded or was stopped are not kept: they say what it says. */
  statusOf(task: number, instance = -1): TaskStatus {
    const { states, instances } = this.transitions;
    return states.status(task, instance < 0 ? undefined : instances.get(task)?.get(instance));
  }

  /** Finer than its status, for those who explain it. An instance that may start is ready. */
  phaseOf({ task, instance }: Unit): UnitPhase {
    const { states, instances } = this.transitions;
    if (instance < 0) return phaseOf(states.get(task));
    const phase = phaseOf(instances.get(task)?.get(instance) ?? states.get(task));
    return phase === 'pending' && instances.has(task) ? 'ready' : phase;
  }

  /** Units of one `forEach` that are in flight. */
  instancesInFlight(task: number): number {
    return this.transitions.instances.get(task)?.in(state.inFlight) ?? 0;
  }

  /** Whether it was handed out by `takeReady` and has not ended. */
  isInFlight({ task, instance }: Unit): boolean {
    const status = this.statusOf(task, instance);
    return status === 'queued' || status === 'running' || status === 'waiting';
  }

  /** How often it was retried by hand. */
  generationOf(task: number): number {
    return this.transitions.states.generation(task);
  }

  /** What `success()`, `failure()` and `cancelled()` say for a task whose needs are final. */
  conditionStatus(task: number): { success: boolean; failure: boolean; cancelled: boolean } {
    const { needs } = this.transitions;
    return {
      success: needs.verdict(task) === 'met',
      failure: needs.hasFailedAncestor(task),
      cancelled: this.stopReason === 'cancelled',
    };
  }

  /** Units that `takeReady` could give now, of both lanes. */
  readyCount(): number {
    const { ready } = this.transitions;
    return this.isPaused ? 0 : ready.unitsIn('waiting') + ready.unitsIn('working');
  }

  /** Counts tasks; what is in flight is running or waiting. */
  progress(): RunProgress {
    return this.transitions.states.progress();
  }

  /** Units, of waiting tasks too. */
  inFlight(): number {
    return this.transitions.unitsInFlight;
  }

  /** Every task is final. */
  isDone(): boolean {
    return this.transitions.states.allFinal;
  }

  /** Valid once the run is done. */
  outcome(): 'succeeded' | 'failed' | 'cancelled' | 'timed_out' {
    if (this.stopReason !== null) return this.stopReason;
    if (this.transitions.failures > 0) return 'failed';
    return this.transitions.states.in(state.cancelledByRequest) > 0 ? 'cancelled' : 'succeeded';
  }

  /** `waiting`: only waiting tasks are in flight, and nothing else can go on. */
  status(): 'running' | 'waiting' | 'paused' {
    if (this.isPaused) return 'paused';
    const { states, ready } = this.transitions;
    const { running, waiting } = states.progress();
    const canGoOn = running + ready.unitsIn('working') + states.in(state.undecided, state.deciding) > 0;
    return waiting > 0 && !canGoOn ? 'waiting' : 'running';
  }

  get paused(): boolean {
    return this.isPaused;
  }

  get stopReason(): StopReason | null {
    return this.transitions.stop.reason;
  }
}
