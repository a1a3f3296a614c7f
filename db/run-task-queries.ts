import type { ErrorInfo } from '../domain/errors';
import type { Json } from '../domain/json';
import type { ArtifactRef } from '../domain/artifact';
import type { TaskStatus } from '../domain/pipeline/status';
import type { Queryable } from '../platform/postgres';

/** What is known of a task of a run, or of one instance of its `forEach`. What has no row is pending. */
export interface RunTaskRow {
  task: string;
  /** -1 for the task itself. */
  instance: number;
  generation: number;
  attempt: number;
  status: TaskStatus;
  startedAt: Date | null;
  finishedAt: Date | null;
  output: Json;
  artifact: ArtifactRef | null;
  error: ErrorInfo | null;
  progress: { percent: number; message?: string } | null;
  waitingFor: string | null;
  /** While it waits for its next attempt: when that begins, in ISO 8601, and how the last one failed. */
  retry: { at: string; error: ErrorInfo } | null;
  worker: string | null;
  /** The run that gave the result, if that is another one. */
  reusedFrom: string | null;
  updatedAt: Date;
}

export interface AttemptRow {
  instance: number;
  generation: number;
  attempt: number;
  startedAt: Date;
  finishedAt: Date | null;
  worker: string | null;
  error: ErrorInfo | null;
}

const columns = `task, instance, generation, attempt, status, started_at as "startedAt", finished_at as "finishedAt",
  output, artifact, error, progress, waiting_for as "waitingFor", worker, reused_from as "reusedFrom", updated_at as "updatedAt",
  case when status = 'queued' and attempt > 0 then (
    select json_build_object('at', a.retry_at, 'error', a.error) from task_attempts a
    where a.run_id = run_tasks.run_id and a.task = run_tasks.task and a.instance = run_tasks.instance
      and a.generation = run_tasks.generation and a.attempt = run_tasks.attempt and a.retry_at is not null) end as retry`;

/** Rows of these tasks themselves, by task. */
export async function findTaskRows(db: Queryable, runId: string, tasks: string[]): Promise<Map<string, RunTaskRow>> {
  const { rows } = await db.query<RunTaskRow>(
    `select ${columns} from run_tasks where run_id = $1 and task = any ($2) and instance = -1`, [runId, tasks]);
  return new Map(rows.map((row) => [row.task, row]));
}

/** Status by task, of those that have a row. */
export async function findTaskStatuses(db: Queryable, runId: string): Promise<Map<string, TaskStatus>> {
  const { rows } = await db.query<{ task: string; status: TaskStatus }>(
    'select task, status from run_tasks where run_id = $1 and instance = -1', [runId]);
  return new Map(rows.map((row) => [row.task, row.status]));
}

/** Instances of a `forEach` task after number `after`, in the order of the items. */
export async function listInstances(
  db: Queryable, runId: string, task: string, page: { after: number; limit: number },
): Promise<RunTaskRow[]> {
  const { rows } = await db.query<RunTaskRow>(
    `select ${columns} from run_tasks where run_id = $1 and task = $2 and instance > greatest($3, -1) order by instance limit $4`,
    [runId, task, page.after, page.limit]);
  return rows;
}

/** Attempts of a task that did not become its result, the newest first; at most `limit`. */
export async function listAttempts(db: Queryable, runId: string, task: string, limit: number): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow>(
    `select instance, generation, attempt, started_at as "startedAt", finished_at as "finishedAt", worker, error
     from task_attempts where run_id = $1 and task = $2 order by started_at desc limit $3`, [runId, task, limit]);
  return rows;
}

/** Rows of a run that changed at this time or later, oldest change first: tasks and instances. */
export async function listChangedTasks(db: Queryable, runId: string, since: Date, limit: number): Promise<RunTaskRow[]> {
  const { rows } = await db.query<RunTaskRow>(
    `select ${columns} from run_tasks where run_id = $1 and updated_at >= $2 order by updated_at limit $3`, [runId, since, limit]);
  return rows;
}

/** Tasks that are on their way now. */
export async function listTasksInFlight(db: Queryable, runId: string, limit: number): Promise<RunTaskRow[]> {
  const { rows } = await db.query<RunTaskRow>(
    `select ${columns} from run_tasks where run_id = $1 and status in ('queued', 'running', 'waiting') order by updated_at desc limit $2`,
    [runId, limit]);
  return rows;
}
