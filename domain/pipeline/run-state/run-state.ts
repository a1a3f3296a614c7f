import { taskFlag, type RunGraph } from '../run-graph';
import type { Lane } from './ready-tasks';
import { Reopening } from './reopening';
import { RunStanding } from './run-standing';
import type { RunSnapshot } from './snapshot';
import { isFinal, state, type StopReason } from './states';
import type { StatusChange, Unit } from './unit';

/** A filter of `takeReady` passes by at most this many tasks that it refuses. */
const maxRefused = 2_000;

/**
 * What may start, what a result means for the rest, and how the run ends: pure, deterministic, O(1) work an edge.
 * `domain/pipeline/README.md` shows the states.
 */
export class RunState extends RunStanding {
  private readonly reopening: Reopening;
  private stopped: Unit[];

  /** @param carried `restore` gives it */
  constructor(private readonly graph: RunGraph, carried?: RunSnapshot) {
    super(graph, carried);
    this.reopening = new Reopening(this.transitions);
    this.stopped = [...(carried?.stopped ?? [])];
  }

  /**
   * Goes on from a snapshot of the same graph; units that were in flight still are.
   * @throws AppError `internal` when the snapshot is of another graph
   */
  static restore(graph: RunGraph, snapshot: RunSnapshot): RunState {
    return new RunState(graph, snapshot);
  }

  snapshot(): RunSnapshot {
    return { ...this.transitions.carried(), stopped: this.stopped, paused: this.isPaused };
  }

  /**
   * Tasks whose `if` or `forEach.in` must be evaluated now. Each is handed out once; again only if it was not decided
   * before a stop, a retry or a restore changed what it is decided from.
   */
  takeDecisions(max = Infinity): number[] {
    const { undecided } = this.transitions;
    const taken: number[] = [];
    if (this.isPaused) return taken;
    for (let task = undecided.first; task !== undefined && taken.length < max; task = undecided.first) {
      this.transitions.move(task, state.deciding);
      taken.push(task);
    }
    return taken;
  }

  /** The result of `if`. A `forEach` that is to run is then expanded. */
  decide(task: number, run: boolean): void {
    if (!this.isDeciding(task)) return;
    if (!run) this.transitions.finish(task, state.skippedByCondition);
    else if (!this.transitions.states.has(task, taskFlag.forEach)) this.transitions.move(task, state.ready);
  }

  /**
   * The number of items of a `forEach`; without any that is left it has succeeded.
   * @param reused numbers of the instances that have succeeded already, in another run
   */
  expand(task: number, items: number, reused: readonly number[] = []): void {
    if (!this.isDeciding(task)) return;
    if (items === reused.length) this.transitions.finish(task, state.succeeded);
    else this.transitions.expand(task, items, reused);
  }

  /**
   * Units to start now, in the order in which their tasks became ready. They are in flight from now on. What `filter`
   * refuses keeps its place.
   */
  takeReady(lane: Lane, max: number, filter: (unit: Unit) => boolean = () => true): Unit[] {
    const units: Unit[] = [];
    if (this.isPaused || max <= 0) return units;
    this.transitions.ready.visit(lane, (task) => {
      if (units.length >= max) return 'end';
      const unit = this.transitions.nextUnit(task);
      if (!filter(unit)) return 'refused';
      this.transitions.start(unit);
      units.push(unit);
      return 'taken';
    }, maxRefused);
    return units;
  }

  /** Like `failed` and `cancelled`, it changes nothing when the unit is not in flight: reports may be late or repeated. */
  succeeded(unit: Unit): void {
    this.transitions.report(unit, state.succeeded);
  }

  /** Also for a task that was handed out to be decided: its expression failed. */
  failed(unit: Unit): void {
    const { states } = this.transitions;
    if (unit.instance < 0 && this.isDeciding(unit.task)) this.transitions.finish(unit.task, state.failed);
    else if (!this.transitions.report(unit, state.failed)) return;
    const overlooked = states.has(unit.task, taskFlag.continueOnError)
      || (unit.instance >= 0 && states.has(unit.task, taskFlag.continueItems));
    if (this.graph.failFast && !overlooked && this.stopReason === null) this.stopped = this.stopped.concat(this.stop('failed'));
  }

  cancelled(unit: Unit): void {
    this.transitions.report(unit, this.stopReason === null ? state.cancelledByRequest : state.cancelledByStop);
  }

  /**
   * Ends the run early: what has not started is cancelled, except tasks for clean-up (`force` ends these too).
   * It lifts a pause, because clean-up has to run. A second stop keeps the reason, and does nothing without `force`.
   * @returns units in flight that have to be cancelled; how they end is what they report
   */
  stop(reason: StopReason, { force = false }: { force?: boolean } = {}): Unit[] {
    const { states } = this.transitions;
    const units: Unit[] = [];
    const first = this.stopReason === null;
    if (this.isDone() || !(first || force)) return units;
    const { stop: rule } = this.transitions;
    rule.reason ??= reason;
    rule.forced ||= force;
    this.isPaused = false;
    for (let task = 0; task < this.graph.size; task++) {
      if (isFinal(states.get(task))) continue;
      if (rule.ends(task)) units.push(...this.transitions.end(task, state.cancelledByStop));
      else this.transitions.keep(task);
    }
    return units;
  }

  /** Units that have to be cancelled because the run stopped itself (`failFast`). */
  takeStopped(): Unit[] {
    const stopped = this.stopped;
    this.stopped = [];
    return stopped;
  }

  /** Nothing starts and nothing is decided until `resume`. A run that was stopped cannot be paused. */
  pause(): void {
    this.isPaused = this.stopReason === null;
  }

  resume(): void {
    this.isPaused = false;
  }

  /**
   * Carries a task out again that failed or was cancelled on its own; of a `forEach` what has not succeeded.
   * What never started because of it is pending again.
   * @returns false when that is not possible: it did not fail, or the run is ending
   */
  retryTask(task: number): boolean {
    const code = this.transitions.states.get(task);
    const possible = code === state.failed || code === state.cancelledByRequest;
    if (!possible || this.stopReason !== null || this.isDone()) return false;
    this.reopening.again(task);
    return true;
  }

  /**
   * Cancels one task: at once what has not started.
   * @returns its units in flight, which have to be cancelled; null when it is final already
   */
  cancelTask(task: number): Unit[] | null {
    if (isFinal(this.transitions.states.get(task))) return null;
    return this.transitions.end(task, state.cancelledByRequest);
  }

  /** Every change of a status since the last call, in order. */
  takeChanges(): StatusChange[] {
    return this.transitions.changes.take();
  }

  private isDeciding(task: number): boolean {
    return this.transitions.states.get(task) === state.deciding;
  }
}
