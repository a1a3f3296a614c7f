import { condition, proxyActivities, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { taskFlag } from '../../domain/pipeline/run-graph';
import type { RunState, StatusChange, StopReason, Unit } from '../../domain/pipeline/run-state';
import { searchAttributes } from '../../domain/search-attributes';
import type { UnitEnd } from '../task/unit-end';
import { BatchRunner } from './batch-runner';
import type { CancelRequest, CarriedRun } from './contract';
import { Decisions, type Decision } from './decisions';
import { FactsLog, type RunSummary } from './facts-log';
import { Projector } from './projector';
import { Results } from './results';
import { stateOf, type Run } from './run';
import { RunClock } from './run-clock';
import { currentDetails, runStatus, taskFactOf } from './run-report';
import { ChildRuns } from './steps';
import { UnitStarter } from './unit-starter';
import { UnitRunner } from './unit-runner';

/** Running work that is told to cancel has this long to end. */
const graceMs = 30_000;
/** From this length of its history on, a run hands its tasks to batches, so that it can continue as new. */
const batchHistoryEvents = 3_000;
const renewHistoryEvents = 4_000;
const renewHistoryBytes = 8 * 1024 * 1024;
/** Of a large run, so many ready units or fewer are carried out by its own workflow: a batch for them would cost more. */
const fewReady = 20;
/** Units that the run's own workflow has in flight: far from the 2,000 pending activities that Temporal allows. */
const maxDirect = 100;

const { gatherInstances } = proxyActivities<RunActivities>({ startToCloseTimeout: '1 minute' });

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
  firstError: ErrorInfo | null;
  private stopMessage: string | null;
  private readonly units: UnitRunner;
  private readonly starter: UnitStarter;
  private readonly decisions: Decisions;
  private readonly ends = new Map<string, UnitEnd>();
  private readonly historyAtStart = workflowInfo().historySize;
  private awake = true;
  private deciding = 0;
  private gathering = 0;
  private manyReady = false;
  private shownStatus = 'running';
  private handingOut = false;

  constructor(readonly run: Run, carried?: CarriedRun) {
    const { plan } = run;
    this.state = stateOf(run, carried?.state);
    this.facts = new FactsLog(carried?.seq);
    this.results = new Results(run, this.state);
    this.warnings = carried?.warnings ?? [];
    this.firstError = carried?.firstError ?? null;
    this.stopMessage = carried?.stopMessage ?? null;
    this.clock = new RunClock(plan.timeoutMs, carried?.elapsedMs ?? 0, Date.now);
    this.projector = new Projector(plan.hash, this.facts, () => this.summary());
    const onEnd = (unit: Unit, end: UnitEnd): void => this.onEnd(unit, end);
    this.units = new UnitRunner(onEnd);
    this.batches = new BatchRunner(run, onEnd, carried?.nextBatch, carried?.batches);
    this.children = new ChildRuns(run);
    this.decisions = new Decisions(run, this.state, this.results);
    this.starter = new UnitStarter(run, this.state, this.results, this.projector, this.children, this.units);
    if (carried) this.starter.resume(carried);
  }

  /** Runs until every task is final, or until the history is long enough to continue as new. */
  async runTasks(): Promise<'done' | 'renew'> {
    void this.watchTimeout();
    for (;;) {
      this.step();
      if (this.state.isDone() && this.gathering === 0) return 'done';
      if (this.mustRenew() && this.canRenew()) return 'renew';
      await condition(() => this.awake);
      this.awake = false;
    }
  }

  stop(reason: StopReason, message: string, force = false): void {
    const first = this.state.stopReason === null;
    if (first) {
      this.stopMessage = message;
      this.addRunEvent(reason === 'cancelled' ? 'run.cancelling' : 'run.stopping', { reason, message });
    }
    this.cancelUnits(this.state.stop(reason, { force }));
    if (first && !force) void this.watchCleanup();
    this.wake();
  }

  cancel(request: CancelRequest): void {
    const by = request.requestedBy ? ` by ${request.requestedBy}` : '';
    this.stop('cancelled', `Cancelled${by}${request.reason ? `: ${request.reason}` : ''}`, request.force);
  }

  /** Ends a run that may not run at all: nothing of it starts. */
  refuse(error: ErrorInfo): void {
    this.firstError = error;
    this.state.stop('failed', { force: true });
    this.wake();
  }

  setPaused(paused: boolean): void {
    if (paused === this.state.paused || this.state.stopReason !== null) return;
    if (paused) this.state.pause();
    else this.state.resume();
    this.clock.setPaused(paused);
    this.addRunEvent(paused ? 'run.paused' : 'run.resumed');
    this.wake();
  }

  /** Cancels units that are in flight; what does not end within its grace counts as cancelled. */
  cancelUnits(units: Unit[]): void {
    if (units.length === 0) return;
    for (const unit of units) this.units.cancel(unit);
    this.batches.cancel(units);
    const giveUp = async (): Promise<void> => {
      if (await condition(() => units.every((unit) => !this.isInFlight(unit)), graceMs)) return;
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

  get stopped(): ErrorInfo | null {
    if (this.state.stopReason === null || this.state.stopReason === 'failed') return null;
    return { code: this.state.stopReason, message: this.stopMessage ?? 'Stopped', retryable: false };
  }

  carried(): CarriedRun {
    return {
      state: this.state.snapshot(), startedAt: this.run.context.startedAt, seq: this.facts.lastSeq,
      elapsedMs: this.clock.elapsedMs, warnings: this.warnings, firstError: this.firstError,
      stopMessage: this.stopMessage, ...this.batches.carried(), ...this.starter.carried(),
    };
  }

  /** Everything that can be done now without waiting. */
  private step(): void {
    for (;;) {
      const decided = this.decideReady();
      this.cancelUnits(this.state.takeStopped());
      const started = this.startReady();
      this.recordChanges();
      if (decided + started === 0) break;
    }
    this.projector.touch();
    this.showStatus();
  }

  /** What the Temporal UI shows. The search attribute is a write on the server, so it changes with the status only. */
  private showStatus(): void {
    setCurrentDetails(currentDetails(this.run, this.state));
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
    this.recordChanges();
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
    if (this.gathering > 0) return 0;
    this.manyReady = this.state.readyCount() > fewReady && (this.run.plan.inline === null || this.results.hasLongLists);
    const started = this.startBatch();
    const free = maxDirect - this.units.inFlight;
    const direct = free > 0 ? this.state.takeReady(free, (unit) => this.startsDirectly(unit)) : [];
    for (const unit of direct) this.starter.start(unit);
    return started + direct.length;
  }

  private startBatch(): number {
    const capacity = this.handingOut ? 0 : this.batches.capacity;
    if (capacity === 0) return 0;
    const units = this.state.takeReady(capacity, (unit) => !this.startsDirectly(unit));
    if (units.length === 0) return 0;
    void this.handOut(units);
    return units.length;
  }

  private async handOut(units: Unit[]): Promise<void> {
    this.recordChanges();
    // The items of a forEach and the results that the tasks read are taken from the read model.
    if (this.run.plan.readsResults || units.some(({ instance }) => instance >= 0)) {
      this.handingOut = true;
      await this.projector.flush();
      this.handingOut = false;
      this.wake();
    }
    const still = units.filter((unit) => this.isInFlight(unit));
    if (still.length > 0) this.batches.start(still.map(({ task, instance }) => [task, instance, this.state.generationOf(task)]));
  }

  private startsDirectly({ task, instance }: Unit): boolean {
    const { graph, inline } = this.run.plan;
    const waits = ((graph.flags[task] ?? 0) & taskFlag.waiting) !== 0;
    if (waits || inline?.tasks[task]?.mode === 'workflow') return true;
    if (this.manyReady || workflowInfo().historyLength > batchHistoryEvents) return false;
    return instance < 0 || !this.results.isLongList(task);
  }

  private isInFlight({ task, instance }: Unit): boolean {
    const status = this.state.statusOf(task, instance);
    return status === 'queued' || status === 'running' || status === 'waiting';
  }

  private onEnd(unit: Unit, end: UnitEnd): void {
    this.results.record(unit, end);
    this.ends.set(`${unit.task} ${unit.instance}`, end);
    switch (end.outcome) {
      case 'succeeded': this.state.succeeded(unit); break;
      case 'failed': this.state.failed(unit); break;
      case 'cancelled': this.state.cancelled(unit); break;
    }
    this.recordChanges();
    this.wake();
  }

  private recordChanges(): void {
    for (const change of this.state.takeChanges()) {
      const key = `${change.task} ${change.instance}`;
      const end = this.ends.get(key);
      if (end) this.ends.delete(key);
      if (change.status === 'pending') this.results.forget(change);
      const isList = change.status === 'succeeded' && change.instance < 0 && this.results.isExpanded(change.task);
      const list = isList ? this.results.holdList(change.task) : null;
      const now = new Date().toISOString();
      const fact = taskFactOf(this.run, this.results, change, list ? { outcome: 'succeeded', output: list } : end, now);
      if (fact.error && change.status === 'failed' && change.instance < 0) this.noteError(fact.task, fact.error);
      if (this.isNews(change, fact)) this.facts.addTask(fact);
      if (isList && !list) void this.gather(change.task);
    }
  }

  /** That one of very many was handed out is not worth a row: it is shown as soon as it runs. */
  private isNews({ status, instance }: StatusChange, { items }: { items?: unknown }): boolean {
    return status !== 'queued' || items !== undefined || (this.run.plan.inline !== null && instance < 0);
  }

  private noteError(task: string | number, error: ErrorInfo): void {
    this.firstError ??= { ...error, message: `${task}: ${error.message}` };
  }

  /** Puts the list of a `forEach` together in the read model, when it is too much to be held here. */
  private async gather(task: number): Promise<void> {
    this.gathering++;
    await this.projector.flush();
    const { context, plan } = this.run;
    const name = plan.inline?.tasks[task]?.id ?? task;
    const { artifact } = await gatherInstances({ runId: context.id, planHash: plan.hash, task: name, items: this.results.itemCount(task) });
    this.results.record({ task, instance: -1 }, { outcome: 'succeeded', stored: true, ...(artifact && { artifact }) });
    this.gathering--;
    this.wake();
  }

  private async watchTimeout(): Promise<void> {
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
    return this.units.inFlight === this.starter.carriable && this.deciding === 0 && this.gathering === 0 && this.state.stopReason === null;
  }
}
