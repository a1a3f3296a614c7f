import { condition, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { RunState, StopReason, Unit } from '../../domain/pipeline/run-state';
import { searchAttributes } from '../../domain/search-attributes';
import type { UnitEnd } from '../task/unit-end';
import { BatchRunner } from './batch-runner';
import { ChangeRecorder } from './change-recorder';
import type { CancelRequest, CarriedRun } from './contract';
import { Decisions, type Decision } from './decisions';
import { sentences, type SelfKnowledge } from './explain';
import { FactsLog, type RunSummary } from './facts-log';
import { Projector } from './projector';
import { Results } from './results';
import { stateOf, type Run } from './run';
import { RunClock } from './run-clock';
import { currentDetails, runStatus } from './run-report';
import { ChildRuns } from './steps';
import { UnitDispatcher } from './unit-dispatcher';
import { UnitStarter } from './unit-starter';
import { UnitRunner } from './unit-runner';

const renewHistoryEvents = 4_000;
const renewHistoryBytes = 8 * 1024 * 1024;

/** A time-out up to this length is watched from the first moment on, a longer one with the first news of the run. */
const shortTimeoutMs = 1_000;

/**
 * Coordinates one run: asks the state machine what is ready, has it carried out, tells the machine how it ended, and
 * writes down what happened. It decides nothing itself.
 */
export class RunCoordinator {
  readonly state: RunState;
  readonly facts: FactsLog;
  readonly results: Results;
  readonly projector: Projector;
  readonly clock: RunClock;
  readonly batches: BatchRunner;
  readonly children: ChildRuns;
  readonly warnings: string[];
  private stopMessage: string | null;
  readonly units: UnitRunner;
  readonly starter: UnitStarter;
  pause: SelfKnowledge['pause'];
  stopTurn: SelfKnowledge['stopTurn'] = null;
  private readonly dispatcher: UnitDispatcher;
  private readonly recorder: ChangeRecorder;
  private readonly decisions: Decisions;
  private readonly historyAtStart = workflowInfo().historySize;
  private awake = true;
  private deciding = 0;
  private shownStatus = 'running';

  constructor(readonly run: Run, carried?: CarriedRun) {
    const { plan } = run;
    this.state = stateOf(run, carried?.state);
    this.facts = new FactsLog(carried?.seq);
    this.results = new Results(run, this.state);
    this.warnings = carried?.warnings ?? [];
    this.stopMessage = carried?.stopMessage ?? null;
    this.pause = carried?.pause ?? null;
    this.clock = new RunClock(plan.timeoutMs, carried?.elapsedMs ?? 0, Date.now);
    this.projector = new Projector(plan.hash, this.facts, () => this.summary());
    const onEnd = (unit: Unit, end: UnitEnd): void => this.onEnd(unit, end);
    this.units = new UnitRunner(onEnd);
    this.batches = new BatchRunner(run, onEnd, carried?.nextBatch, carried?.batches);
    this.children = new ChildRuns(run);
    this.decisions = new Decisions(run, this.state, this.results);
    this.starter = new UnitStarter(run, this.state, this.results, this.projector, this.children, this.units);
    const wake = (): void => this.wake();
    this.recorder = new ChangeRecorder(this, carried?.firstError ?? null, wake);
    this.dispatcher = new UnitDispatcher({
      run, state: this.state, results: this.results, projector: this.projector,
      recorder: this.recorder, units: this.units, starter: this.starter, batches: this.batches,
    }, wake);
    if (carried) this.starter.resume(carried);
  }

  /** Runs until every task is final, or until the history is long enough to continue as new. */
  async runTasks(): Promise<'done' | 'renew'> {
    void this.watchTimeout();
    for (;;) {
      this.step();
      if (this.state.isDone() && !this.recorder.isGathering) return 'done';
      if (this.mustRenew() && this.canRenew()) return 'renew';
      await condition(() => this.awake);
      this.awake = false;
    }
  }

  stop(reason: StopReason, message: string, { force = false, by, why }: { force?: boolean; by?: string; why?: string } = {}): void {
    const first = this.state.stopReason === null;
    if (first) {
      this.stopMessage = message;
      this.noteStop(reason, { message, ...(by !== undefined && { by }), ...(why !== undefined && { why }) });
    }
    this.cancelUnits(this.state.stop(reason, { force }));
    if (first && !force) void this.watchCleanup();
    this.wake();
  }

  cancel(request: CancelRequest): void {
    const { requestedBy: by, reason: why, force } = request;
    this.stop('cancelled', `Cancelled${by ? ` by ${by}` : ''}${why ? `: ${why}` : ''}`, { force, by, why });
  }

  /** Ends a run that may not run at all: nothing of it starts. */
  refuse(error: ErrorInfo): void {
    this.recorder.firstError = error;
    this.state.stop('failed', { force: true });
    this.wake();
  }

  setPaused(paused: boolean, by?: string): void {
    if (paused === this.state.paused || this.state.stopReason !== null) return;
    if (paused) this.state.pause();
    else this.state.resume();
    this.clock.setPaused(paused);
    this.pause = paused ? { since: new Date().toISOString(), by: by ?? null } : null;
    this.addRunEvent(paused ? 'run.paused' : 'run.resumed', by === undefined ? {} : { by });
    this.wake();
  }

  /** Cancels units that are in flight; what does not end within its grace counts as cancelled. */
  cancelUnits(units: Unit[]): void {
    if (units.length === 0) return;
    for (const unit of units) this.units.cancel(unit);
    this.batches.cancel(units);
    const giveUp = async (): Promise<void> => {
      if (await condition(() => units.every((unit) => !this.state.isInFlight(unit)), limits.cancelGraceMs)) return;
      this.units.giveUp(units);
      this.batches.giveUp(units);
    };
    void giveUp();
  }

  wake(): void {
    this.awake = true;
  }

  addRunEvent(type: string, data: JsonObject = {}): void {
    this.facts.addEvent(type, new Date().toISOString(), data);
    this.projector.touch();
  }

  readonly summary = (): RunSummary => {
    return {
      runId: this.run.context.id, startedAt: this.run.context.startedAt, status: runStatus(this.state),
      progress: this.state.progress(), ...(this.warnings.length > 0 && { warnings: this.warnings }),
    };
  };

  get firstError(): ErrorInfo | null {
    return this.recorder.firstError;
  }

  get stopped(): ErrorInfo | null {
    if (this.state.stopReason === null || this.state.stopReason === 'failed') return null;
    return { code: this.state.stopReason, message: this.stopMessage ?? 'Stopped', retryable: false };
  }

  carried(): CarriedRun {
    return {
      state: this.state.snapshot(), startedAt: this.run.context.startedAt, seq: this.facts.lastSeq,
      elapsedMs: this.clock.elapsedMs, warnings: this.warnings, firstError: this.recorder.firstError,
      stopMessage: this.stopMessage, ...(this.pause && { pause: this.pause }), ...this.batches.carried(), ...this.starter.carried(),
    };
  }

  /** Everything that can be done now without waiting. */
  private step(): void {
    for (;;) {
      const decided = this.decideReady();
      this.endStopped();
      const started = this.startReady();
      this.recorder.recordChanges();
      if (decided + started === 0) break;
    }
    this.projector.touch();
    this.showStatus();
  }

  /** What `failFast` ends. */
  private endStopped(): void {
    const units = this.state.takeStopped();
    if (units.length > 0) this.noteStop('failed');
    this.cancelUnits(units);
  }

  /** Tells once, for those who ask later, since when and why the run is being ended. */
  private noteStop(reason: StopReason, data: { message?: string; by?: string; why?: string } = {}): void {
    if (this.stopTurn) return;
    this.stopTurn = { since: new Date().toISOString(), reason, by: data.by ?? null, why: data.why ?? null };
    this.addRunEvent(reason === 'cancelled' ? 'run.cancelling' : 'run.stopping', { reason, ...data });
  }

  /** What the Temporal UI shows. The search attribute is a write on the server, so it changes with the status only. */
  private showStatus(): void {
    setCurrentDetails(currentDetails(this.run, this.state, sentences(this)));
    const status = this.state.isDone() ? this.shownStatus : this.state.status();
    if (status === this.shownStatus) return;
    this.shownStatus = status;
    upsertSearchAttributes([{ key: searchAttributes.status, value: status }]);
  }

  private decideReady(): number {
    const tasks = this.state.takeDecisions();
    const missing: number[] = [];
    for (const task of tasks) {
      const decision = this.decisions.decideHeld(task);
      if (decision) this.apply(decision);
      else missing.push(task);
    }
    if (missing.length > 0) void this.decideLater(missing);
    return tasks.length - missing.length;
  }

  private async decideLater(tasks: number[]): Promise<void> {
    this.deciding++;
    this.recorder.recordChanges();
    await this.projector.flush();
    for (const decision of await this.decisions.decideStored(tasks)) this.apply(decision);
    this.deciding--;
    this.wake();
  }

  private apply(decision: Decision): void {
    const { task } = decision;
    if ('error' in decision) this.onEnd({ task, instance: -1 }, { outcome: 'failed', error: decision.error });
    else if (!decision.run || decision.items === undefined) this.state.decide(task, decision.run);
    else {
      this.results.recordItems(task, decision.items, decision.list);
      this.state.decide(task, true);
      this.state.expand(task, decision.items, decision.reused);
    }
  }

  private startReady(): number {
    // A list that is being put together is read by the tasks behind it.
    return this.recorder.isGathering ? 0 : this.dispatcher.startReady();
  }

  private onEnd(unit: Unit, end: UnitEnd): void {
    this.recorder.recordEnd(unit, end);
    this.wake();
  }

  private async watchTimeout(): Promise<void> {
    // A run that is over within a moment needs no timer of its own for this.
    if (this.run.plan.timeoutMs > shortTimeoutMs) await condition(() => this.projector.hasWritten);
    if (await this.clock.ring('timeout of the run')) this.stop('timed_out', `The run did not end within ${this.run.plan.timeoutMs} ms`);
  }

  private async watchCleanup(): Promise<void> {
    this.clock.stop();
    const over = !(await condition(() => this.state.isDone(), this.run.plan.cleanupTimeoutMs));
    if (over) this.cancelUnits(this.state.stop(this.state.stopReason ?? 'cancelled', { force: true }));
    this.wake();
  }

  private mustRenew(): boolean {
    const { historyLength, historySize } = workflowInfo();
    return historyLength > renewHistoryEvents || historySize - this.historyAtStart > renewHistoryBytes;
  }

  /** What the run's own workflow has in flight does not survive a continue-as-new, except what is carried. */
  private canRenew(): boolean {
    return this.units.inFlight === this.starter.carriable && this.deciding === 0 && !this.recorder.isGathering && this.state.stopReason === null;
  }
}
