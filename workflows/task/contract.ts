import type { ErrorInfo } from '../../domain/errors';

/** Name of the workflow type that carries out a bounded batch of ready tasks of a large run. */
export const taskBatchType = 'taskBatch';

/** Sizes that the benchmarks decided (docs/performance.md). */
export const batchSizes = {
  /** Units in one batch: its history stays far under 4,096 events. */
  units: 500,
  /** Units that one batch has in flight: a wider window costs more processor time a task. So many quick ones go together. */
  window: 50,
  /** Units that all batches of a run carry out at the same time: eight full windows, and more batches where others are at their end. */
  inFlight: 400,
  /** So many done units are told without waiting until `tellAfterMs` is over or the batch is empty. */
  tellTogether: 250,
  tellAfterMs: 200,
} as const;

export interface TaskBatchInput {
  /** The workflow of the run, which is told what is done. */
  coordinator: string;
  runId: string;
  planHash: string;
  /** When the run began, RFC 3339. */
  startedAt: string;
  units: BatchUnit[];
}
/** Compact, because there are many: index of the task, item number or -1, generation. */
export type BatchUnit = [task: number, instance: number, generation: number];

/** Id of the activity of a task: readable in the Temporal UI, and what tells whose a pending activity is. */
export const taskActivityId = ({ id, instance, generation }: { id: string; instance: number; generation: number }): string =>
  `${id}${instance < 0 ? '' : `[${instance}]`}${generation === 0 ? '' : `#${generation}`}`;

/** Marks the calls of `temporal.activity`, which are for workers of others. */
export const foreignCallHeader = 'datamcp-foreign-call';

/** Signal to the coordinator. */
export const batchProgressSignal = 'batchProgress';
export interface BatchProgress {
  workflowId: string;
  done: BatchResult[];
}
export interface BatchResult {
  task: number;
  instance: number;
  outcome: 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  /** RFC 3339; absent when no attempt is known to have begun. */
  startedAt?: string;
  finishedAt?: string;
  error?: ErrorInfo;
}

/** Signal from the coordinator: cancels these units, or all. */
export const cancelUnitsSignal = 'cancelUnits';
export interface CancelUnits {
  units: [task: number, instance: number][] | 'all';
}
