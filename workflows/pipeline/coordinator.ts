import { condition, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { hasFlag, taskFlag } from '../../domain/pipeline/run-graph';
import type { RunState, Unit } from '../../domain/pipeline/run-state';
import { searchAttributes } from '../../domain/search-attributes';
import type { UnitEnd } from '../task/unit-end';
import { ApprovalSteps } from './approval-steps';
import { BatchRunner } from './batch-runner';
import { ChangeRecorder } from './change-recorder';
import type { CarriedRun, RunError } from './contract';
import { Decisions, type Decision } from './decisions';
import { sentences, type SelfKnowledge } from './explain';
import { FactsLog, type RunSummary } from './facts-log';
import { Projector } from './projector';
import { Results } from './results';
import { stateOf, type Run } from './run';
import { RunClock } from './run-clock';
import { currentDetails, runStatus } from './run-report';
import { RunStop } from './run-stop';
import { ChildRuns } from './steps';
import { UnitDispatcher, longHistoryEvents } from './unit-dispatcher';
import { UnitStarter } from './unit-starter';
import { UnitRunner } from './unit-runner';

const renewHistoryBytes = 8 * 1024 * 1024;

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
  readonly approvals: ApprovalSteps;
  readonly warnings: string[];
  readonly units: UnitRunner;
  readonly starter: UnitStarter;
  readonly stopping: RunStop;
  pause: SelfKnowledge['pause'];
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
    this.pause = carried?.pause ?? null;
    this.clock = new RunClock(plan.timeoutMs, carried?.elapsedMs ?? 0, Date.now);
    this.projector = new Projector(plan.hash, this.facts, () => this.summary());
    const onEnd = (unit: Unit, end: UnitEnd): void => this.onEnd(unit, end);
    this.units = new UnitRunner((task) => (hasFlag(plan.graph, task, taskFlag.waiting) ? 'waiting' : 'working'), onEnd);
    this.batches = new BatchRunner(run, onEnd, carried?.nextBatch, carried?.batches);
    const wake = (): void => this.wake();
    this.children = new ChildRuns(run, wake);
    this.approvals = new ApprovalSteps(run, wake);
    this.decisions = new Decisions(run, this.state, this.results);
    this.starter = new UnitStarter(run, this.state, this.results, this.projector, this.children, this.approvals, this.units);
    this.recorder = new ChangeRecorder(this, carried?.firstError ?? null, wake);
    this.dispatcher = new UnitDispatcher({
      run, state: this.state, results: this.results, projector: this.projector,
      recorder: this.recorder, units: this.units, starter: this.starter, batches: this.batches,
    }, wake);
    this.stopping = new RunStop(this, carried?.stopMessage ?? null);
    if (carried) this.starter.resume(carried);
  }

  /** Runs until every task is final, or until the history is long enough to continue as new. */
  async runTasks(): Promise<'done' | 'renew'> {
    void this.stopping.watchTimeout();
    for (;;) {
      this.step();
      if (this.state.isDone() && !this.recorder.isGathering) return 'done';
      if (this.isTimeToRenew()) return 'renew';
      await condition(() => this.awake);
      this.awake = false;
    }
  }

  /** Ends a run that may not run at all: nothing of it starts. */
  refuse(error: ErrorInfo): void {
    this.recorder.firstError = { error };
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

  wake(): void {
    this.awake = true;
  }

  addRunEvent(type: string, data: JsonObject = {}): void {
    this.facts.addEvent(type, new Date().toISOString(), data);
    this.projector.touch();
  }

  /** Nobody can be told that a signal did nothing: it is an event of the run. */
  refuseSignal(signal: string, reason: string): void {
    this.addRunEvent('run.signal_refused', { signal, reason });
  }

  readonly summary = (): RunSummary => {
    return {
      runId: this.run.context.id, startedAt: this.run.context.startedAt, status: runStatus(this.state),
      progress: this.state.progress(), ...(this.warnings.length > 0 && { warnings: this.warnings }),
    };
  };

  get stopTurn(): SelfKnowledge['stopTurn'] {
    return this.stopping.turn;
  }

  get firstError(): RunError | null {
    return this.recorder.firstError;
  }

  carried(): CarriedRun {
    return {
      state: this.state.snapshot(), startedAt: this.run.context.startedAt, seq: this.facts.lastSeq,
      elapsedMs: this.clock.elapsedMs, warnings: this.warnings, firstError: this.recorder.firstError,
      stopMessage: this.stopping.message, ...(this.pause && { pause: this.pause }), ...this.batches.carried(), ...this.starter.carried(),
    };
  }

  /** Everything that can be done now without waiting. */
  private step(): void {
    for (;;) {
      const decided = this.decideReady();
      this.stopping.endStopped();
      const started = this.startReady();
      this.recorder.recordChanges();
      if (decided + started === 0) break;
    }
    this.projector.touch();
    this.showStatus();
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
    // A list that is being put together is read by the tasks behind it. And what began now would put the renewal off, for ever.
    return this.recorder.isGathering || this.isTimeToRenew() ? 0 : this.dispatcher.startReady();
  }

  private onEnd(unit: Unit, end: UnitEnd): void {
    this.recorder.recordEnd(unit, end);
    this.wake();
  }

  private isTimeToRenew(): boolean {
    return this.mustRenew() && this.canRenew();
  }

  private mustRenew(): boolean {
    const { historyLength, historySize } = workflowInfo();
    return historyLength > longHistoryEvents || historySize - this.historyAtStart > renewHistoryBytes;
  }

  /** What the run's own workflow has in flight does not survive a continue-as-new, except what is carried. */
  private canRenew(): boolean {
    return this.units.inFlight === this.starter.carriable && this.deciding === 0 && !this.dispatcher.isHandingOut
      && !this.batches.isStarting && !this.recorder.isGathering && this.state.stopReason === null;
  }
}
