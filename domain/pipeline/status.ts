/** States of a task of a run, in the order of its life. */
export const taskStatuses = ['pending', 'queued', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const runStatuses = ['queued', 'running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled', 'timed_out'] as const;
export type RunStatus = (typeof runStatuses)[number];

const finalTask: ReadonlySet<string> = new Set<TaskStatus>(['succeeded', 'failed', 'skipped', 'cancelled']);
const finalRun: ReadonlySet<string> = new Set<RunStatus>(['succeeded', 'failed', 'cancelled', 'timed_out']);

export const isFinalTask = (status: TaskStatus): boolean => finalTask.has(status);
export const isFinalRun = (status: RunStatus): boolean => finalRun.has(status);

/** How many tasks of a run are in each state. A `forEach` task counts once. */
export interface RunProgress {
  total: number;
  succeeded: number;
  failed: number;
  skipped: number;
  cancelled: number;
  running: number;
  waiting: number;
  queued: number;
  pending: number;
}
