import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  proxyLocalActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import { limits } from '../../domain/limits';
import { isQuick, type TaskDispatch } from '../../domain/pipeline/dispatch';
import {
  batchProgressSignal,
  batchSizes,
  cancelUnitsSignal,
  type BatchProgress,
  type BatchResult,
  type BatchUnit,
  type CancelUnits,
  type TaskBatchInput,
} from './contract';
import { onSignal } from '../signals';
import { Lanes, unitName } from './lanes';
import { QuickUnits } from './quick-units';
import { callTask } from './task-proxy';
import { endOfFailure } from './unit-end';

const { loadDispatches } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

/**
 * Carries out a bounded batch of ready tasks of a large run: a window of them at a time. Tells the run's workflow what
 * is done, many at once, and ends when nothing is left. Its history is bounded, so it never continues as new.
 */
export async function taskBatch(input: TaskBatchInput): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const batch = new Batch(input);
    onSignal(cancelUnitsSignal, (message) => (isCancelUnits(message) ? batch.cancel(message) : log.warn('a signal was refused: it names no units', { signal: cancelUnitsSignal })));
    CancellationScope.current().parent?.cancelRequested.catch(() => batch.cancel({ units: 'all' }));
    await Promise.all([batch.run(), batch.tell()]);
  });
}

const isCancelUnits = (value: unknown): value is CancelUnits => typeof value === 'object' && value !== null && 'units' in value
  && (value.units === 'all' || (Array.isArray(value.units) && value.units.every(Array.isArray)));

/** What a result weighs beside its error, generously. */
const resultBytes = 250;

class Batch {
  private readonly cancelled = new Set<string>();
  private lanes: Lanes | undefined;
  private done: BatchResult[] = [];
  private left: number;

  constructor(private readonly input: TaskBatchInput) {
    this.left = input.units.length;
  }

  async run(): Promise<void> {
    const { units } = this.input;
    const dispatches = await this.loadDispatches();
    const quick: BatchUnit[] = [];
    const full: BatchUnit[] = [];
    for (const unit of units) (isQuick(dispatches.get(unit[0])) ? quick : full).push(unit);
    this.lanes = new Lanes(full, (unit, done) => this.runUnit(unit, dispatches.get(unit[0]), done));
    const quickUnits = new QuickUnits(quick, this.input, (unit) => this.isCancelled(unit), (unit, result) => this.settle(unit, result));
    await Promise.all([quickUnits.run(), this.lanes.run(batchSizes.window)]);
  }

  private async loadDispatches(): Promise<Map<number, TaskDispatch>> {
    const tasks = [...new Set(this.input.units.map(([task]) => task))];
    const dispatches = new Map<number, TaskDispatch>();
    while (dispatches.size < tasks.length) {
      const left = tasks.slice(dispatches.size);
      const loaded = await loadDispatches(this.input.planHash, left);
      loaded.forEach((dispatch, index) => dispatches.set(left[index] ?? -1, dispatch));
    }
    return dispatches;
  }

  /** Tells what is done: at once when that is all, else a good number together, or after a short while. */
  async tell(): Promise<void> {
    const coordinator = getExternalWorkflowHandle(this.input.coordinator);
    for (;;) {
      await condition(() => this.done.length > 0 || this.left === 0);
      if (this.done.length === 0) return;
      const untilMs = Date.now() + batchSizes.tellAfterMs;
      // The clock is asked as well: under load Temporal fires timers late.
      const isEnough = (): boolean => this.done.length >= batchSizes.tellTogether || this.left === 0 || Date.now() > untilMs;
      if (!isEnough()) await condition(isEnough, batchSizes.tellAfterMs);
      const message: BatchProgress = { workflowId: workflowInfo().workflowId, done: this.takeDone() };
      setCurrentDetails(`${this.left} of ${this.input.units.length} tasks left`);
      await coordinator.signal(batchProgressSignal, message);
    }
  }

  /** What is done, oldest first, as much as one message holds. */
  private takeDone(): BatchResult[] {
    let bytes = 0;
    const rest = this.done.findIndex(({ error }) => (bytes += resultBytes + (error ? JSON.stringify(error).length * 3 : 0)) > limits.messageBytes);
    return this.done.splice(0, rest < 0 ? this.done.length : Math.max(1, rest));
  }

  cancel({ units }: CancelUnits): void {
    const all = units === 'all' ? this.input.units : units;
    for (const unit of all.map((one) => unitName([one[0], one[1]]))) {
      this.cancelled.add(unit);
      this.lanes?.cancel(unit);
    }
  }

  private isCancelled(unit: BatchUnit): boolean {
    return this.cancelled.has(unitName(unit));
  }

  private runUnit(unit: BatchUnit, task: TaskDispatch | undefined, done: () => void): void {
    const [index, instance, generation] = unit;
    const { runId, planHash, startedAt } = this.input;
    if (!task) throw new TypeError(`The plan has no task ${index}`);
    const settle = (result: Omit<BatchResult, 'task' | 'instance'>): void => {
      this.settle(unit, result);
      done();
    };
    if (this.isCancelled(unit)) return settle({ outcome: 'cancelled', attempt: 0 });
    void callTask(task, { unit: { id: task.id, instance, generation }, stored: { runId, planHash, index, startedAt } }).then(
      (end) => settle({ outcome: 'succeeded', attempt: end.attempt, startedAt: end.startedAt, finishedAt: end.finishedAt }),
      (failure: unknown) => settle({ attempt: 0, ...endOfFailure(failure) }),
    );
  }

  private settle([task, instance]: BatchUnit, result: Omit<BatchResult, 'task' | 'instance'>): void {
    this.done.push({ task, instance, ...result });
    this.left--;
  }
}
