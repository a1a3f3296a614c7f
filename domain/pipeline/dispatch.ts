import type { ExecutionMode, Plan, PlanTask, RetryPolicy } from './plan';

/** One task as whoever calls its activity must know it, defaults filled in. */
export interface TaskDispatch {
  id: string;
  uses: string;
  mode: ExecutionMode;
  queue?: string;
  retry: RetryPolicy;
  timeoutMs: number;
  totalTimeoutMs?: number;
  priority?: number;
  fairnessKey?: string;
  /** Whether its input reads results of other tasks. */
  readsResults: boolean;
}

/** How a task of a plan is called. The default queue is for activities only: quick tasks and steps never leave the worker. */
export function dispatchOf(plan: Plan, task: PlanTask): TaskDispatch {
  const queue = task.queue ?? (task.mode === 'activity' ? plan.defaults.queue : undefined);
  return {
    id: task.id,
    uses: task.uses,
    mode: task.mode,
    retry: task.retry ?? plan.defaults.retry,
    timeoutMs: task.timeoutMs ?? plan.defaults.timeoutMs,
    readsResults: task.reads !== undefined,
    ...(queue !== undefined && { queue }),
    ...(task.totalTimeoutMs !== undefined && { totalTimeoutMs: task.totalTimeoutMs }),
    ...(task.priority !== undefined && { priority: task.priority }),
    ...(task.fairnessKey !== undefined && { fairnessKey: task.fairnessKey }),
  };
}

/** Whether a task runs as a local activity; one with a queue of its own is for other workers. */
export const isQuick = (task: TaskDispatch | undefined): boolean => task !== undefined && task.mode !== 'activity' && task.queue === undefined;
