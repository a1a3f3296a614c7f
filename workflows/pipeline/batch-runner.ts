import {
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  getExternalWorkflowHandle,
  log,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributes } from '../../domain/search-attributes';
import type { Unit } from '../../domain/pipeline/run-state';
import {
  batchSizes,
  cancelUnitsSignal,
  taskBatchType,
  type BatchProgress,
  type BatchResult,
  type BatchUnit,
  type CancelUnits,
  type TaskBatchInput,
} from '../task/contract';
import type { CarriedBatch } from './contract';
import type { UnitEnd } from '../task/unit-end';
import { unitKey, type Run } from './run';

/** Hands ready units of a large run to child workflows, so that no single history grows with the run. */
export class BatchRunner {
  /** Units that are out, by batch. */
  private readonly open = new Map<string, Map<string, Unit>>();
  private out = 0;
  private starting = 0;

  constructor(
    private readonly run: Run,
    private readonly onEnd: (unit: Unit, end: UnitEnd) => void,
    private nextBatch = 0,
    carried: CarriedBatch[] = [],
  ) {
    for (const { workflowId, units } of carried) this.track(workflowId, units.map(([task, instance]) => ({ task, instance })));
  }

  /** How many units another batch may have now; 0 while the open ones are enough. */
  get capacity(): number {
    let busy = 0;
    for (const { size } of this.open.values()) busy += Math.min(size, batchSizes.window);
    return busy < batchSizes.inFlight ? batchSizes.units : 0;
  }
  /** The batch that a unit was handed to. */
  batchOf(unit: Unit): string | undefined {
    const key = unitKey(unit);
    for (const [workflowId, units] of this.open) if (units.has(key)) return workflowId;
    return undefined;
  }
  get inFlight(): number {
    return this.out;
  }
  /** Whether a batch was asked for that has not begun: Temporal drops it when the run continues as new in the same moment. */
  get isStarting(): boolean {
    return this.starting > 0;
  }

  start(units: BatchUnit[]): void {
    const { context, plan } = this.run;
    const workflowId = `batch/${context.id}/${this.nextBatch++}`;
    this.track(workflowId, units.map(([task, instance]) => ({ task, instance })));
    const input: TaskBatchInput = {
      coordinator: workflowInfo().workflowId, runId: context.id, planHash: plan.hash, startedAt: context.startedAt, units,
    };
    void this.runBatch(workflowId, input);
  }

  onProgress({ workflowId, done }: BatchProgress): void {
    for (const result of done) this.settle(workflowId, result, endOf(result));
  }

  /** Asks the batches to cancel units; they are told apart by where they are. */
  cancel(units: Unit[]): void {
    for (const [workflowId, tracked] of this.open) {
      const mine = units.filter((unit) => tracked.has(unitKey(unit)));
      if (mine.length > 0) void this.tell(workflowId, { units: mine.map(({ task, instance }) => [task, instance]) });
    }
  }

  giveUp(units: Unit[]): void {
    for (const workflowId of [...this.open.keys()]) {
      for (const unit of units) this.settle(workflowId, unit, { outcome: 'cancelled' });
    }
  }

  carried(): { batches: CarriedBatch[]; nextBatch: number } {
    const batches = [...this.open].map(([workflowId, units]) =>
      ({ workflowId, units: [...units.values()].map(({ task, instance }): [number, number] => [task, instance]) }));
    return { batches, nextBatch: this.nextBatch };
  }

  /** Waits for the child as well as for its signals: one that is terminated in Temporal tells nothing. */
  private async runBatch(workflowId: string, input: TaskBatchInput): Promise<void> {
    this.starting++;
    try {
      const child = await startChild(taskBatchType, {
        workflowId,
        args: [input],
        // A child of a workflow that may continue as new must not die with the old run of its parent.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        staticSummary: `${input.units.length} tasks of ${this.run.context.pipeline}`,
        typedSearchAttributes: new TypedSearchAttributes([
          { key: searchAttributes.pipeline, value: this.run.context.pipeline },
          { key: searchAttributes.kind, value: 'batch' },
        ]),
      }).finally(() => this.starting--);
      await child.result();
    } catch (error) {
      log.warn('a batch of tasks ended before its tasks', { workflowId, error });
    }
    const lost = { code: 'terminated', message: `The batch ${workflowId} ended before this task`, retryable: false };
    for (const unit of [...(this.open.get(workflowId)?.values() ?? [])]) {
      this.settle(workflowId, unit, { outcome: 'failed', error: lost });
    }
  }

  private async tell(workflowId: string, message: CancelUnits): Promise<void> {
    await getExternalWorkflowHandle(workflowId)
      .signal(cancelUnitsSignal, message)
      .catch((error: unknown) => log.info('a batch had ended before it could be told to cancel', { workflowId, error }));
  }

  private track(workflowId: string, units: Unit[]): void {
    this.open.set(workflowId, new Map(units.map((unit) => [unitKey(unit), unit])));
    this.out += units.length;
  }

  private settle(workflowId: string, { task, instance }: Unit, end: UnitEnd): void {
    const tracked = this.open.get(workflowId);
    if (!tracked?.delete(unitKey({ task, instance }))) return;
    this.out--;
    if (tracked.size === 0) this.open.delete(workflowId);
    this.onEnd({ task, instance }, end);
  }
}

function endOf({ outcome, attempt, startedAt, finishedAt, error }: BatchResult): UnitEnd {
  const times = { attempt, startedAt, finishedAt };
  switch (outcome) {
    case 'succeeded': return { outcome, stored: true, ...times };
    case 'cancelled': return { outcome, ...times };
    case 'failed': return { outcome, error: error ?? { code: 'task_failed', message: 'Failed', retryable: false }, ...times };
  }
}
