import { taskFlag } from '../../domain/pipeline/run-graph';
import { RunState, type Lane, type StopReason, type Unit } from '../../domain/pipeline/run-state';
import { isFinalTask, type TaskStatus } from '../../domain/pipeline/status';
import { carriedOver, graphOf, type Node } from './graph';
import { RunModel } from './run-model';

/** One thing that happens to a run; the numbers choose among what is possible at that moment. */
export interface Step {
  kind: 'decide' | 'start' | 'succeed' | 'fail' | 'cancelled' | 'stop' | 'force' | 'pause' | 'resume' | 'retry' | 'cancelTask' | 'restore' | 'late';
  pick: number;
  yes: boolean;
}

/** `toEqual` for what is nearly always equal: it is slow, so it only says what differs. */
function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}
const byUnit = (one: Unit, other: Unit): number => one.task - other.task || one.instance - other.instance;
const stopReasons: StopReason[] = ['cancelled', 'timed_out'];

/** The state machine and its model, told the same and compared after every step. */
export class PairedRun {
  machine: RunState;
  readonly model: RunModel;
  /** The statuses and their reasons as someone knows them who only reads the changes. */
  private readonly told = new Map<string, { status: TaskStatus; reason: string | undefined }>();
  private retrying = false;

  constructor(private readonly nodes: Node[], private readonly failFast: boolean) {
    this.machine = new RunState(graphOf(nodes, failFast));
    this.model = new RunModel(nodes, failFast);
    this.compare();
  }

  take(step: Step): void {
    this.retrying = step.kind === 'retry';
    this.act(step);
    this.compare();
  }

  /** Lets the run come to its end; each round must bring it nearer. */
  finish(picks: (round: number) => number): void {
    this.machine.resume();
    this.model.paused = false;
    this.retrying = false;
    for (let round = 0; !this.machine.isDone(); round++) {
      if (round > 500) throw new Error('the run does not end');
      const pick = picks(round);
      this.decide({ kind: 'decide', pick, yes: pick % 4 > 0 }, 0);
      this.start({ kind: 'start', pick: 1 + (pick % 3), yes: false });
      this.report(pick, pick % 5 === 0 ? 'failed' : 'succeeded');
      this.compare();
    }
    expect(this.model.isDone).toBe(true);
    expect(this.machine.outcome()).toBe(this.model.outcome);
    expect(this.machine.inFlight()).toBe(0);
  }

  private act(step: Step): void {
    const { machine, model } = this;
    const task = step.pick % this.nodes.length;
    switch (step.kind) {
      case 'decide': return this.decide(step);
      case 'start': return this.start(step);
      case 'succeed': return this.report(step.pick, 'succeeded');
      case 'fail': return this.report(step.pick, 'failed');
      case 'cancelled': return this.report(step.pick, 'cancelled');
      case 'late': return this.reportLate(step);
      case 'stop': return this.stop(stopReasons[step.pick % 2] ?? 'cancelled', false);
      case 'force': return this.stop('timed_out', true);
      case 'pause': machine.pause(); model.paused = model.stopReason === null; return;
      case 'resume': machine.resume(); model.paused = false; return;
      case 'retry': expect(machine.retryTask(task)).toBe(model.retry(task)); return;
      case 'cancelTask': expect(machine.cancelTask(task)?.sort(byUnit) ?? null).toEqual(model.cancelTask(task)); return;
      case 'restore': return this.restore();
    }
  }

  /** @param held how many decisions are left for later, when anything may have happened meanwhile */
  private decide({ pick, yes }: Step, held = pick % 2): void {
    const expected = this.model.paused ? [] : this.model.undecided();
    const taken = this.machine.takeDecisions(1 + (pick % 3));
    expect(taken).toHaveLength(Math.min(expected.length, 1 + (pick % 3)));
    for (const task of taken) {
      expect(expected).toContain(task);
      expect(this.machine.conditionStatus(task)).toEqual(this.model.conditionStatus(task));
      this.model.takeDecision(task);
    }
    const open = this.model.tasks.flatMap(({ phase }, task) => (phase === 'deciding' ? [task] : []));
    for (const task of open.slice(held)) this.decideOne(task, pick, yes);
  }

  private decideOne(task: number, pick: number, yes: boolean): void {
    if (pick % 11 === 0) return this.tell({ task, instance: -1 }, 'failed');
    for (const run of [this.machine, this.model]) {
      run.decide(task, yes);
      if (yes && this.model.has(task, taskFlag.forEach)) run.expand(task, pick % 5);
    }
  }

  private start(step: Step): void {
    this.startIn('waiting', step);
    this.startIn('working', step);
  }

  private startIn(lane: Lane, { pick, yes }: Step): void {
    const max = 1 + (pick % 4);
    const wanted = (unit: Unit): boolean => !yes || unit.task % 2 === 0;
    const before = this.machine.readyCount();
    const units = this.machine.takeReady(lane, max, wanted);
    const possible = this.model.paused ? 0 : this.model.tasks.reduce((sum, _, task) => sum + (wanted({ task, instance: 0 }) && this.model.laneOf(task) === lane ? this.model.startable(task) : 0), 0);
    expect(units).toHaveLength(Math.min(max, possible));
    for (const unit of units) {
      expect(this.model.laneOf(unit.task)).toBe(lane);
      expect(unit.instance).toBe(this.model.firstPending(unit.task));
      expect(this.model.startable(unit.task)).toBeGreaterThan(0);
      expect(this.model.needsFinal(unit.task) || this.model.task(unit.task).generation > 0 || this.model.task(unit.task).phase === 'started').toBe(true);
      this.model.start(unit);
    }
    expect(before - units.length).toBeGreaterThanOrEqual(0);
  }

  private report(pick: number, status: 'succeeded' | 'failed' | 'cancelled'): void {
    const units = this.model.inFlight();
    const unit = units[pick % units.length];
    if (unit) this.tell(unit, status);
  }

  /** A report about anything, in flight or not. */
  private reportLate({ pick, yes }: Step): void {
    this.tell({ task: pick % this.nodes.length, instance: (pick % 4) - 1 }, yes ? 'succeeded' : 'cancelled');
  }

  private tell(unit: Unit, status: 'succeeded' | 'failed' | 'cancelled'): void {
    switch (status) {
      case 'succeeded': this.machine.succeeded(unit); break;
      case 'failed': this.machine.failed(unit); break;
      case 'cancelled': this.machine.cancelled(unit); break;
    }
    const stopped = this.model.stopReason;
    this.model.report(unit, status);
    const inFlight = this.model.stopReason === stopped ? [] : this.model.inFlight().filter(({ task }) => !this.model.has(task, taskFlag.always));
    same(this.machine.takeStopped().sort(byUnit), inFlight);
  }

  private stop(reason: StopReason, force: boolean): void {
    same(this.machine.stop(reason, { force }).sort(byUnit), this.model.stop(reason, force));
  }

  private restore(): void {
    this.machine = RunState.restore(graphOf(this.nodes, this.failFast), carriedOver(this.machine.snapshot()));
    this.model.forgetDecisions();
  }

  private compare(): void {
    this.readChanges();
    const { machine, model } = this;
    const statuses = this.views(modelStatus(model));
    same(
      {
        statuses: this.views((task, instance) => machine.statusOf(task, instance)),
        told: this.views((task, instance) => this.told.get(`${task} ${instance}`)?.status ?? 'pending'),
        reasons: this.views((task, instance) => this.told.get(`${task} ${instance}`)?.reason ?? 'none'),
        generations: model.tasks.map((_, task) => machine.generationOf(task)),
        progress: machine.progress(), ready: machine.readyCount(), inFlight: machine.inFlight(), done: machine.isDone(),
        stopReason: machine.stopReason, paused: machine.paused, status: machine.isDone() ? machine.outcome() : machine.status(),
      },
      {
        statuses, told: statuses, reasons: this.views(modelReason(model)), generations: model.tasks.map(({ generation }) => generation),
        progress: model.progress(), ready: model.readyCount(), inFlight: model.inFlight().length, done: model.isDone,
        stopReason: model.stopReason, paused: model.paused, status: model.isDone ? model.outcome : model.status(),
      },
    );
  }

  /** What someone says of every task and of every instance that is known. */
  private views(statusOf: (task: number, instance: number) => string): string[] {
    return this.model.tasks.map(({ items }, task) =>
      [statusOf(task, -1), ...(items ?? []).map((_, instance) => statusOf(task, instance))].join(' '));
  }

  /** A status never goes backwards, except to pending by a retry. */
  private readChanges(): void {
    for (const change of this.machine.takeChanges()) {
      const key = `${change.task} ${change.instance}`;
      const before = this.told.get(key)?.status ?? 'pending';
      const backwards = isFinalTask(before) || change.status === 'pending';
      const legal = backwards
        ? this.retrying && change.status === 'pending' && before !== 'pending'
        : change.status !== before && (isFinalTask(change.status) || before === 'pending');
      if (!legal) throw new Error(`${key} went from ${before} to ${change.status}`);
      this.told.set(key, { status: change.status, reason: change.reason });
    }
  }
}

const modelStatus = (model: RunModel) => (task: number, instance: number): TaskStatus =>
  instance < 0 ? model.task(task).status : (model.task(task).items?.[instance]?.status ?? 'pending');

const modelReason = (model: RunModel) => (task: number, instance: number): string => {
  const { why } = (instance < 0 ? model.task(task) : model.task(task).items?.[instance]) ?? {};
  return (why === 'stop' ? model.stopReason : why) ?? 'none';
};
