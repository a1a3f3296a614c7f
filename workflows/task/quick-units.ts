import { condition, proxyLocalActivities } from '@temporalio/workflow';
import type { QuickEnd, QuickTasksInput, RunActivities } from '../../activities/contract';
import { batchSizes, type BatchResult, type BatchUnit, type TaskBatchInput } from './contract';

/** Far above any quick task: each has its own time-out, which the activity keeps. */
const { runQuickTasks } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '1 day' });

type UnitResult = Omit<BatchResult, 'task' | 'instance'>;

interface DueUnit {
  unit: BatchUnit;
  attempt: number;
  dueMs: number;
}

/**
 * Carries out the quick units of a batch: a window of those that are due in one local activity, which costs one marker
 * in the history and a few promises for all of them. Those that failed and may try again come back when they are due.
 */
export class QuickUnits {
  private readonly beganMs = Date.now();
  private left: DueUnit[];

  constructor(
    units: BatchUnit[],
    private readonly input: TaskBatchInput,
    private readonly isCancelled: (unit: BatchUnit) => boolean,
    private readonly onEnd: (unit: BatchUnit, result: UnitResult) => void,
  ) {
    this.left = units.map((unit) => ({ unit, attempt: 1, dueMs: this.beganMs }));
  }

  async run(): Promise<void> {
    while (this.left.length > 0) {
      this.dropCancelled();
      const due = this.takeDue();
      if (due.length > 0) await this.carryOut(due);
      else await this.untilNext();
    }
  }

  private dropCancelled(): void {
    const cancelled = this.left.filter(({ unit }) => this.isCancelled(unit));
    this.left = this.left.filter((due) => !cancelled.includes(due));
    for (const { unit, attempt } of cancelled) this.onEnd(unit, { outcome: 'cancelled', attempt: attempt - 1 });
  }

  /** No more than what fits one payload, were all of them to fail with the longest of messages. */
  private takeDue(): DueUnit[] {
    const nowMs = Date.now();
    const due = new Set(this.left.filter(({ dueMs }) => dueMs <= nowMs).slice(0, batchSizes.window));
    this.left = this.left.filter((unit) => !due.has(unit));
    return [...due];
  }

  private async untilNext(): Promise<void> {
    if (this.left.length === 0) return;
    const waitMs = Math.min(...this.left.map(({ dueMs }) => dueMs)) - Date.now();
    await condition(() => this.left.some(({ unit }) => this.isCancelled(unit)), Math.max(1, waitMs));
  }

  private async carryOut(due: DueUnit[]): Promise<void> {
    const { runId, planHash, startedAt } = this.input;
    const units = due.map(({ unit: [task, instance, generation], attempt }): QuickTasksInput['units'][number] => [task, instance, generation, attempt]);
    const ends = await runQuickTasks({ runId, planHash, startedAt, elapsedMs: Date.now() - this.beganMs, units });
    due.forEach((one, index) => this.settle(one, ends[index]));
  }

  private settle({ unit, attempt }: DueUnit, end: QuickEnd = { outcome: 'cancelled' }): void {
    if (end.outcome === 'failed' && end.retryMs !== undefined) {
      this.left.push({ unit, attempt: attempt + 1, dueMs: Date.now() + end.retryMs });
      return;
    }
    this.onEnd(unit, { ...end, attempt });
  }
}
