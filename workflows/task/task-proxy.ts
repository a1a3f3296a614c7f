import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
  type RetryPolicy as TemporalRetryPolicy,
} from '@temporalio/workflow';
import type { TaskActivity } from '../../activities/contract';
import { isQuick, type TaskDispatch } from '../../domain/pipeline/dispatch';
import type { RetryPolicy } from '../../domain/pipeline/plan';
import type { TaskInput, TaskOutcome, UnitRef } from '../../domain/pipeline/task-input';
import { taskActivityId } from './contract';

/** The wrapper heartbeats for every processor, so that a lost worker is noticed within this time. */
const heartbeatTimeoutMs = 10_000;

type TaskActivities = Record<string, TaskActivity>;

const retryOf = (retry: RetryPolicy): TemporalRetryPolicy => ({
  maximumAttempts: retry.maxAttempts,
  initialInterval: retry.initialIntervalMs,
  backoffCoefficient: retry.backoff,
  maximumInterval: Math.max(retry.maxIntervalMs, retry.initialIntervalMs),
  ...(retry.nonRetryable && { nonRetryableErrorTypes: retry.nonRetryable }),
});

/** How people know a unit: its task's id, and the item of a `forEach`. */
export const unitName = ({ id, instance }: Pick<UnitRef, 'id' | 'instance'>): string => (instance < 0 ? id : `${id}[${instance}]`);

const sharedOptions = (task: TaskDispatch, summary: string) => ({
  startToCloseTimeout: task.timeoutMs,
  ...(task.totalTimeoutMs !== undefined && { scheduleToCloseTimeout: task.totalTimeoutMs }),
  retry: retryOf(task.retry),
  summary,
});

/** How Temporal carries out a full activity of a task. */
export const activityOptions = (task: TaskDispatch, unit: UnitRef, summary: string): ActivityOptions => ({
  ...sharedOptions(task, summary),
  activityId: taskActivityId(unit),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  ...(task.queue !== undefined && { taskQueue: task.queue }),
  ...((task.priority !== undefined || task.fairnessKey !== undefined) && {
    priority: { priorityKey: task.priority, fairnessKey: task.fairnessKey },
  }),
});

/** Calls the activity of a task: its type is the processor's name, its summary says which task it is for. */
export function callTask(task: TaskDispatch, input: TaskInput): Promise<TaskOutcome> {
  const summary = `${unitName(input.unit)} · ${task.uses}`;
  const activities = isQuick(task)
    ? proxyLocalActivities<TaskActivities>(sharedOptions(task, summary))
    : proxyActivities<TaskActivities>({ ...activityOptions(task, input.unit, summary), heartbeatTimeout: heartbeatTimeoutMs });
  const call = activities[task.uses];
  if (!call) throw new TypeError(`No activity for ${task.uses}`);
  return call(input);
}
