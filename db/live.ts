import type { Pool } from 'pg';
import type { ArtifactRef } from '../domain/artifact';
import type { ErrorInfo } from '../domain/errors';
import type { Json } from '../domain/json';
import { jsonParameter } from '../platform/postgres';

/** Which attempt of which unit of a run. */
export interface AttemptKey {
  runId: string;
  task: string;
  /** -1 for the task itself. */
  instance: number;
  generation: number;
  attempt: number;
}

export interface LiveAttempt extends AttemptKey {
  startedAt: Date;
  worker: string;
  progress: { percent: number; message?: string } | null;
}

export interface FailedAttempt extends AttemptKey {
  startedAt: Date;
  finishedAt: Date;
  worker: string;
  error: ErrorInfo;
  /** When the next attempt begins; null when there is none. */
  retryAt: Date | null;
}

/** A later attempt or generation replaces an earlier one, and nothing replaces what the workflow has called final. */
const newerThanRow = `
  (excluded.generation > t.generation
   or (excluded.generation = t.generation and not t.final and excluded.attempt >= t.attempt))`;

const uniqueBy = <T extends AttemptKey>(items: T[], withAttempt: boolean): T[] => [
  ...new Map(items.map((item) =>
    [`${item.runId} ${item.task} ${item.instance}${withAttempt ? ` ${item.generation} ${item.attempt}` : ''}`, item])).values(),
];

/** Shows attempts as running, with their progress. The caller's newest word about a unit counts. */
export async function saveLive(pool: Pool, attempts: LiveAttempt[]): Promise<void> {
  await pool.query({
    name: 'save-live',
    text: `
    with live as (
      select * from json_to_recordset($1) as l ("runId" uuid, task text, instance int, generation int, attempt int,
        "startedAt" timestamptz, worker text, progress jsonb)
      where exists (select 1 from runs where id = l."runId" and finished_at is null)),
    saved as (
      insert into run_tasks as t (run_id, task, instance, generation, attempt, status, started_at, worker, progress)
      select "runId", task, instance, generation, attempt, 'running', "startedAt", worker, progress from live
      on conflict (run_id, task, instance) do update set
        generation = excluded.generation, attempt = excluded.attempt, status = 'running', final = false,
        started_at = excluded.started_at, finished_at = null, worker = excluded.worker, progress = excluded.progress,
        reused_from = null, reused_instance = null, updated_at = now()
      where ${newerThanRow}),
    attempts as (
      insert into task_attempts (run_id, task, instance, generation, attempt, started_at, worker)
      select "runId", task, instance, generation, attempt, "startedAt", worker from live
      on conflict do nothing)
    select pg_notify('run_changed', id::text) from (select distinct "runId" as id from live) as changed`,
    values: [jsonParameter(uniqueBy(attempts, false))],
  });
}

/** Keeps attempts that failed, for those who ask why, and shows as queued what is tried again. */
export async function saveFailedAttempts(pool: Pool, attempts: FailedAttempt[]): Promise<void> {
  await pool.query({
    name: 'save-failed-attempts',
    text: `
    with failed as (
      select f.*, r.finished_at is null as open
      from json_to_recordset($1) as f ("runId" uuid, task text, instance int, generation int, attempt int,
        "startedAt" timestamptz, "finishedAt" timestamptz, worker text, error json, "retryAt" timestamptz)
      join runs r on r.id = f."runId"),
    attempts as (
      insert into task_attempts (run_id, task, instance, generation, attempt, started_at, finished_at, worker, error, retry_at)
      select "runId", task, instance, generation, attempt, "startedAt", "finishedAt", worker, error, "retryAt" from failed
      on conflict (run_id, task, instance, generation, attempt) do update set
        finished_at = excluded.finished_at, worker = excluded.worker, error = excluded.error, retry_at = excluded.retry_at),
    waiting as (
      select * from (select distinct on ("runId", task, instance) * from failed order by "runId", task, instance, generation desc, attempt desc) as newest
      where open and "retryAt" is not null),
    saved as (
      insert into run_tasks as t (run_id, task, instance, generation, attempt, status)
      select "runId", task, instance, generation, attempt, 'queued' from waiting
      on conflict (run_id, task, instance) do update set
        generation = excluded.generation, attempt = excluded.attempt, status = 'queued', final = false,
        started_at = null, finished_at = null, progress = null, reused_from = null, reused_instance = null, updated_at = now()
      where ${newerThanRow})
    select pg_notify('run_changed', id::text) from (select distinct "runId" as id from waiting) as changed`,
    values: [jsonParameter(uniqueBy(attempts, true))],
  });
}

/** Stores an output that is too large to travel inside the workflow, before its activity completes. */
export async function saveOutputs(pool: Pool, outputs: (AttemptKey & { output: Json })[]): Promise<void> {
  await pool.query({
    name: 'save-outputs',
    text: `
    insert into run_tasks as t (run_id, task, instance, generation, attempt, status, output)
    select "runId", task, instance, generation, attempt, 'running', output
    from json_to_recordset($1) as o ("runId" uuid, task text, instance int, generation int, attempt int, output json)
    on conflict (run_id, task, instance) do update set
      generation = excluded.generation, attempt = excluded.attempt, output = excluded.output,
      reused_from = null, reused_instance = null, updated_at = now()
    where ${newerThanRow}`,
    values: [jsonParameter(uniqueBy(outputs, false))],
  });
}

/** Stores what a `forEach` is expanded over. */
export async function saveItems(pool: Pool, runId: string, task: string, items: Json[]): Promise<void> {
  await pool.query(
    `insert into run_tasks (run_id, task, status, items) values ($1, $2, 'queued', $3)
     on conflict (run_id, task, instance) do update set items = excluded.items, updated_at = now()`,
    [runId, task, jsonParameter(items)],
  );
}

/** Stores the list that a `forEach` gave, or the artifact that holds it. */
export async function saveList(pool: Pool, runId: string, task: string, result: { output?: Json; artifact?: ArtifactRef }): Promise<void> {
  await pool.query(
    'update run_tasks set output = $3, artifact = $4, updated_at = now() where run_id = $1 and task = $2 and instance = -1',
    [runId, task, result.output === undefined ? null : jsonParameter(result.output), result.artifact ? jsonParameter(result.artifact) : null],
  );
}
