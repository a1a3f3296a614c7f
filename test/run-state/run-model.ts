import { taskFlag } from '../../domain/pipeline/run-graph';
import type { Lane, StopReason, Unit } from '../../domain/pipeline/run-state';
import { isFinalTask, type RunProgress, type TaskStatus } from '../../domain/pipeline/status';
import type { Node } from './graph';

type Why = 'need' | 'condition' | 'instance' | 'request' | 'stop' | undefined;
interface Item { status: TaskStatus; why: Why }
interface ModelTask {
  /** `idle`: nothing was done with it; `approved`: decided to run, or expanded; `started`: something was started. */
  phase: 'idle' | 'deciding' | 'approved' | 'started' | 'final';
  status: TaskStatus;
  why: Why;
  items: Item[] | null;
  generation: number;
}

/**
 * The meaning of a run, written as slowly and obviously as possible: nothing is counted or remembered that can be
 * found by looking at all tasks again. The state machine must agree with it at every step.
 */
export class RunModel {
  readonly tasks: ModelTask[];
  stopReason: StopReason | null = null;
  forced = false;
  paused = false;

  constructor(readonly nodes: Node[], private readonly failFast: boolean) {
    this.tasks = nodes.map(() => ({ phase: 'idle', status: 'pending', why: undefined, items: null, generation: 0 }));
    this.settle();
  }

  // Looking ---------------------------------------------------------------------------------------------------------

  task(index: number): ModelTask {
    const task = this.tasks[index];
    if (!task) throw new Error(`no task ${index}`);
    return task;
  }
  has(index: number, flag: number): boolean {
    return ((this.nodes[index]?.flags ?? 0) & flag) !== 0;
  }
  needsOf(index: number): number[] {
    return this.nodes[index]?.needs ?? [];
  }
  isFinal(index: number): boolean {
    return this.task(index).phase === 'final';
  }
  needsFinal(index: number): boolean {
    return this.needsOf(index).every((need) => this.isFinal(need));
  }
  failedAndCounts(index: number): boolean {
    return this.task(index).status === 'failed' && !this.has(index, taskFlag.continueOnError);
  }
  ancestorFailed(index: number): boolean {
    return this.needsOf(index).some((need) => this.failedAndCounts(need) || this.ancestorFailed(need));
  }
  allNeedsMet(index: number): boolean {
    return this.needsOf(index).every((need) => {
      const { status } = this.task(need);
      return status === 'succeeded' || (status === 'failed' && this.has(need, taskFlag.continueOnError));
    });
  }
  conditionStatus(index: number) {
    return { success: this.allNeedsMet(index), failure: this.ancestorFailed(index), cancelled: this.stopReason === 'cancelled' };
  }
  get isDone(): boolean {
    return this.tasks.every(({ phase }) => phase === 'final');
  }
  get outcome() {
    if (this.stopReason) return this.stopReason;
    if (this.tasks.some((_, index) => this.failedAndCounts(index))) return 'failed';
    return this.tasks.some(({ status, why }) => status === 'cancelled' && why === 'request') ? 'cancelled' : 'succeeded';
  }

  /** Tasks that wait to be handed out for a decision. */
  undecided(): number[] {
    return this.indices((task, index) =>
      task.phase === 'idle' && this.needsFinal(index) && this.has(index, taskFlag.evaluate));
  }

  /** How many units each task could start now. */
  startable(index: number): number {
    const task = this.task(index);
    const plain = task.phase === 'approved' || (task.phase === 'idle' && this.needsFinal(index) && !this.has(index, taskFlag.evaluate));
    if (!task.items) return plain ? 1 : 0;
    if (task.phase !== 'approved' && task.phase !== 'started') return 0;
    const room = (this.nodes[index]?.maxParallel ?? Infinity) - this.itemsIn(task, 'inFlight');
    return Math.max(0, Math.min(room, this.itemsIn(task, 'pending')));
  }
  /** The instance that starts next: items go in their order. */
  firstPending(index: number): number {
    return this.task(index).items?.findIndex(({ status }) => status === 'pending') ?? -1;
  }
  laneOf(index: number): Lane {
    return this.has(index, taskFlag.waiting) ? 'waiting' : 'working';
  }
  readyCount(): number {
    return this.paused ? 0 : this.tasks.reduce((sum, _, index) => sum + this.startable(index), 0);
  }

  inFlight(): Unit[] {
    return this.tasks.flatMap((task, index) => this.unitsInFlight(task, index));
  }
  status(): string {
    if (this.paused) return 'paused';
    const waits = (_: ModelTask, index: number): boolean => this.has(index, taskFlag.waiting);
    const started = this.indices((task) => task.phase === 'started');
    const idle = !this.tasks.some((_, index) => this.laneOf(index) === 'working' && this.startable(index) > 0) && this.undecided().length === 0 && !this.tasks.some(({ phase }) => phase === 'deciding');
    return started.length > 0 && idle && started.every((index) => waits(this.task(index), index)) ? 'waiting' : 'running';
  }
  progress(): RunProgress {
    const count = (...statuses: TaskStatus[]): number => this.tasks.filter(({ status }) => statuses.includes(status)).length;
    return {
      total: this.tasks.length, succeeded: count('succeeded'), failed: count('failed'), skipped: count('skipped'),
      cancelled: count('cancelled'), running: count('queued'), waiting: count('waiting'), queued: 0, pending: count('pending'),
    };
  }

  // Doing -----------------------------------------------------------------------------------------------------------

  takeDecision(index: number): void {
    this.task(index).phase = 'deciding';
  }
  decide(index: number, run: boolean): void {
    const task = this.task(index);
    if (task.phase !== 'deciding') return;
    if (!run) this.finish(index, 'skipped', 'condition');
    else if (!this.has(index, taskFlag.forEach)) task.phase = 'approved';
    this.settle();
  }
  expand(index: number, items: number): void {
    const task = this.task(index);
    if (task.phase !== 'deciding') return;
    if (items === 0) this.finish(index, 'succeeded');
    else {
      task.items = Array.from({ length: items }, () => ({ status: 'pending', why: undefined }));
      task.phase = 'approved';
    }
    this.settle();
  }
  start({ task: index, instance }: Unit): void {
    const task = this.task(index);
    const status = this.has(index, taskFlag.waiting) ? 'waiting' : 'queued';
    task.phase = 'started';
    task.status = status;
    const item = task.items?.[instance];
    if (item) item.status = status;
  }

  report(unit: Unit, status: 'succeeded' | 'failed' | 'cancelled'): void {
    const { task: index, instance } = unit;
    const task = this.task(index);
    const why = status === 'cancelled' ? (this.stopReason ? 'stop' : 'request') : undefined;
    if (status === 'failed' && instance < 0 && task.phase === 'deciding') this.finish(index, 'failed');
    else if (!this.inFlight().some((other) => other.task === index && other.instance === instance)) return;
    else if (!task.items) this.finish(index, status, why);
    else {
      task.items[instance] = { status, why };
      if (status !== 'succeeded' && !this.has(index, taskFlag.continueItems)) {
        this.dropPending(task, status === 'failed' ? { status: 'skipped', why: 'instance' } : { status: 'cancelled', why });
      }
    }
    this.settle();
    const overlooked = this.has(index, taskFlag.continueOnError) || (instance >= 0 && this.has(index, taskFlag.continueItems));
    if (status === 'failed' && this.failFast && !overlooked && !this.stopReason) this.stop('failed', false);
  }

  stop(reason: StopReason, force: boolean): Unit[] {
    if (this.isDone || (this.stopReason && !force)) return [];
    this.stopReason ??= reason;
    this.forced ||= force;
    this.paused = false;
    const units: Unit[] = [];
    this.tasks.forEach((task, index) => {
      if (task.phase === 'final') return;
      if (!this.outlivesStop(index)) units.push(...this.end(index, 'stop'));
      else if ((task.phase === 'deciding' || task.phase === 'approved') && !task.items?.some(({ status }) => status !== 'pending')) {
        task.phase = 'idle';
        task.items = null;
      } else if (task.phase === 'started' && this.has(index, taskFlag.waiting)) {
        this.dropPending(task, { status: 'cancelled', why: 'stop' });
      }
    });
    this.settle();
    return units;
  }

  cancelTask(index: number): Unit[] | null {
    if (this.isFinal(index)) return null;
    const units = this.end(index, 'request');
    this.settle();
    return units;
  }

  retry(index: number): boolean {
    const task = this.task(index);
    const possible = task.status === 'failed' || (task.status === 'cancelled' && task.why === 'request');
    if (!possible || this.stopReason || this.isDone) return false;
    task.generation++;
    this.reset(index);
    this.revive(index);
    if (!this.needsFinal(index)) task.items = null;
    else if (task.items) {
      task.items = task.items.map((item) => (item.status === 'succeeded' ? item : { status: 'pending', why: undefined }));
      task.phase = 'approved';
    }
    this.settle();
    return true;
  }

  /** A restored machine does not know who was deciding. */
  forgetDecisions(): void {
    for (const task of this.tasks) if (task.phase === 'deciding') task.phase = 'idle';
  }

  // Rules -----------------------------------------------------------------------------------------------------------

  /** Applies what follows by itself, until nothing does. */
  private settle(): void {
    for (let changed = true; changed; ) {
      changed = false;
      this.tasks.forEach((task, index) => {
        if (task.phase === 'final') return;
        this.follow(task, index);
        changed ||= this.isFinal(index);
      });
    }
  }

  private follow(task: ModelTask, index: number): void {
    if (task.items?.every(({ status }) => isFinalTask(status))) return this.finishItems(task, index);
    if (task.phase !== 'idle' || !this.needsFinal(index)) return;
    if (this.stopReason && !this.outlivesStop(index)) return this.finish(index, 'cancelled', 'stop');
    if (this.has(index, taskFlag.statusFunction) || this.allNeedsMet(index)) return;
    const cancelled = this.needsOf(index).some((need) => this.task(need).status === 'cancelled');
    this.finish(index, cancelled ? 'cancelled' : 'skipped', 'need');
  }

  private finishItems(task: ModelTask, index: number): void {
    const items = task.items ?? [];
    const any = (status: TaskStatus, why?: Why): boolean => items.some((item) => item.status === status && (!why || item.why === why));
    if (any('failed') && !this.has(index, taskFlag.continueItems)) this.finish(index, 'failed');
    else if (any('cancelled')) this.finish(index, 'cancelled', any('cancelled', 'stop') ? 'stop' : 'request');
    else this.finish(index, 'succeeded');
  }

  private finish(index: number, status: TaskStatus, why?: Why): void {
    const task = this.task(index);
    task.phase = 'final';
    task.status = status;
    task.why = why;
    if (status === 'succeeded' || why === 'stop') task.items = null;
  }

  private end(index: number, why: 'stop' | 'request'): Unit[] {
    const task = this.task(index);
    const units = this.unitsInFlight(task, index);
    if (task.items) this.dropPending(task, { status: 'cancelled', why });
    else if (task.phase !== 'started') this.finish(index, 'cancelled', why);
    return units;
  }

  private outlivesStop(index: number): boolean {
    const always = this.has(index, taskFlag.always);
    if (this.forced) return false;
    if (this.task(index).phase === 'started') return always;
    if (this.has(index, taskFlag.waiting)) return false;
    return always || (this.has(index, taskFlag.cleanup) && this.stopReason === 'cancelled');
  }

  /** What depends on a task that is carried out again, and never started, is as if nothing had been done. */
  private revive(index: number): void {
    this.tasks.forEach((task, dependent) => {
      if (!this.needsOf(dependent).includes(index)) return;
      const skipped = task.phase === 'final' && (task.status === 'skipped' || task.why === 'need');
      if (!skipped && task.phase !== 'deciding' && task.phase !== 'approved') return;
      if (task.items?.some(({ status }) => status !== 'pending')) task.generation++;
      task.items = null;
      this.reset(dependent);
      this.revive(dependent);
    });
  }

  private reset(index: number): void {
    const task = this.task(index);
    task.phase = 'idle';
    task.status = 'pending';
    task.why = undefined;
  }

  private dropPending(task: ModelTask, item: Item): void {
    task.items = task.items?.map((before) => (before.status === 'pending' ? { ...item } : before)) ?? null;
  }
  private itemsIn(task: ModelTask, status: 'inFlight' | 'pending'): number {
    return (task.items ?? []).filter((item) => (status === 'pending' ? item.status === 'pending' : item.status === 'queued' || item.status === 'waiting')).length;
  }
  private unitsInFlight(task: ModelTask, index: number): Unit[] {
    if (task.phase !== 'started') return [];
    if (!task.items) return [{ task: index, instance: -1 }];
    return task.items.flatMap(({ status }, instance) => (status === 'queued' || status === 'waiting' ? [{ task: index, instance }] : []));
  }
  private indices(test: (task: ModelTask, index: number) => boolean): number[] {
    return this.tasks.flatMap((task, index) => (test(task, index) ? [index] : []));
  }
}
