import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
  defineSignal,
} from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { TaskDispatch } from '../../domain/pipeline/dispatch';
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
import { callTask } from './task-proxy';
import { endOfFailure } from './unit-end';

const { loadDispatch } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

/**
 * Carries out a bounded batch of ready tasks of a large run: a window of them at a time. Tells the run's workflow what
 * is done, many at once, and ends when nothing is left. Its history is bounded, so it never continues as new.
 */
export async function taskBatch(input: TaskBatchInput): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const batch = new Batch(input);
    setHandler(defineSignal<[CancelUnits]>(cancelUnitsSignal), (message) => batch.cancel(message));
    CancellationScope.current().parent?.cancelRequested.catch(() => batch.cancel({ units: 'all' }));
    await Promise.all([batch.run(), batch.tell()]);
  });
}

class Batch {
  private readonly scopes = new Map<BatchUnit, CancellationScope>();
  private readonly cancelled = new Set<string>();
  private done: BatchResult[] = [];
  private left: number;
  private next = 0;

  constructor(private readonly input: TaskBatchInput) {
    this.left = input.units.length;
  }

  async run(): Promise<void> {
    const { units, planHash } = this.input;
    const tasks = [...new Set(units.map(([task]) => task))];
    const loaded = await loadDispatch(planHash, tasks);
    const dispatch = new Map(tasks.map((task, index) => [task, loaded[index]]));
    const lane = async (): Promise<void> => {
      for (let unit = units[this.next++]; unit; unit = units[this.next++]) await this.runUnit(unit, dispatch.get(unit[0]));
    };
    await Promise.all(Array.from({ length: Math.min(batchSizes.window, units.length) }, lane));
  }

  /** Tells what is done: at once when that is all, else a good number together, or after a short while. */
  async tell(): Promise<void> {
    const coordinator = getExternalWorkflowHandle(this.input.coordinator);
    for (;;) {
      await condition(() => this.done.length > 0 || this.left === 0);
      if (this.done.length === 0) return;
      if (this.left > 0) await condition(() => this.done.length >= batchSizes.tellTogether || this.left === 0, batchSizes.tellAfterMs);
      const done = this.done;
      this.done = [];
      const message: BatchProgress = { workflowId: workflowInfo().workflowId, done };
      setCurrentDetails(`${this.left} of ${this.input.units.length} tasks left`);
      await coordinator.signal(batchProgressSignal, message);
    }
  }

  cancel({ units }: CancelUnits): void {
    const all = units === 'all' ? this.input.units.map(([task, instance]): [number, number] => [task, instance]) : units;
    for (const unit of all) this.cancelled.add(unit.join(' '));
    for (const [[task, instance], scope] of this.scopes) if (this.cancelled.has(`${task} ${instance}`)) scope.cancel();
  }

  private async runUnit(unit: BatchUnit, task: TaskDispatch | undefined): Promise<void> {
    const [index, instance] = unit;
    const result = await this.attempt(unit, task);
    // Not `this.done.push(await …)`: that takes the list before the wait, and `tell` replaces it meanwhile.
    this.done.push({ task: index, instance, ...result });
    this.left--;
  }

  private async attempt(unit: BatchUnit, task: TaskDispatch | undefined): Promise<Omit<BatchResult, 'task' | 'instance'>> {
    const [index, instance, generation] = unit;
    if (this.cancelled.has(`${index} ${instance}`)) return { outcome: 'cancelled', attempt: 0 };
    const { runId, planHash, startedAt } = this.input;
    const scope = new CancellationScope();
    this.scopes.set(unit, scope);
    try {
      if (!task) throw new TypeError(`The plan has no task ${index}`);
      const stored = { runId, planHash, index, startedAt };
      const end = await scope.run(() => callTask(task, { unit: { id: task.id, instance, generation }, stored }));
      return { outcome: 'succeeded', attempt: end.attempt, startedAt: end.startedAt, finishedAt: end.finishedAt };
    } catch (failure) {
      const end = endOfFailure(failure);
      const times = { attempt: end.attempt ?? 0, startedAt: end.startedAt, finishedAt: end.finishedAt };
      return end.outcome === 'failed' ? { outcome: 'failed', error: end.error, ...times } : { outcome: 'cancelled', ...times };
    } finally {
      this.scopes.delete(unit);
    }
  }
}
