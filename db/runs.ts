import type { Pool, PoolClient } from 'pg';
import { AppError } from '../domain/errors';
import type { JsonObject } from '../domain/json';
import type { ReusedResults } from '../domain/pipeline/rerun/reuse-marks';
import type { RunTrigger } from '../domain/pipeline/run';
import type { RunProgress } from '../domain/pipeline/status';
import { jsonParameter } from '../platform/postgres';
import { lockDoor } from './dispatch';
import { findRunRow, runColumns, type RunRow } from './run-queries';

/** A run as its acceptance needs it; `id` is a UUIDv7. */
export interface NewRun {
  id: string;
  pipeline: string;
  version: number;
  planHash: string;
  inputs: JsonObject;
  labels: Record<string, string>;
  priority: number;
  trigger: RunTrigger;
  requestedBy: string;
  workflowId: string;
  concurrency?: { key: string; limit: number; whenFull: 'queue' | 'reject' };
  /** Number of tasks of the plan. */
  total: number;
  parent?: { run: string; task: string };
  /** RFC 3339: the nominal time of a run that a schedule started. */
  scheduledAt?: string;
  rerun?: NewRerun;
}

/** What makes a run a rerun. Its reused results are copied by `copyResults`. */
export interface NewRerun {
  of: string;
  /** Absent when everything runs. */
  reused?: ReusedResults;
  /** Numbers of tasks that are reused. */
  succeeded: number;
  skipped: number;
}

const newProgress = ({ total, rerun: { succeeded, skipped } = { of: '', succeeded: 0, skipped: 0 } }: NewRun): RunProgress => ({
  total, succeeded, failed: 0, skipped, cancelled: 0, running: 0, waiting: 0, queued: 0, pending: total - succeeded - skipped,
});

/**
 * The door: whether a run of this (pipeline, key) may start now. It is held until the caller's transaction ends.
 */
async function hasFreeSlot(client: PoolClient, pipeline: string, key: string, limit: number): Promise<boolean> {
  await lockDoor(client, pipeline, key);
  const { rows } = await client.query<{ taken: number }>(
    `select count(*)::int as taken from runs
     where pipeline = $1 and concurrency_key = $2 and admitted_at is not null and finished_at is null`,
    [pipeline, key],
  );
  return (rows[0]?.taken ?? 0) < limit;
}

/**
 * Writes the row of a run: from here it is never lost. Runs inside the caller's transaction.
 * The same id again changes nothing.
 * @returns the row; without `admittedAt` the run waits at the door for a slot
 * @throws AppError `run.concurrency_limit` when the door is full and the pipeline says `whenFull: reject`
 */
export async function acceptRun(client: PoolClient, run: NewRun): Promise<RunRow> {
  const limit = run.concurrency;
  const admitted = !limit || (await hasFreeSlot(client, run.pipeline, limit.key, limit.limit));
  if (!admitted && limit.whenFull === 'reject') {
    throw new AppError('run.concurrency_limit', `${limit.limit} run(s) of ${run.pipeline} with the key "${limit.key}" are open already`, {
      details: { key: limit.key, limit: limit.limit },
    });
  }
  const { rows } = await client.query<RunRow>({
    name: 'accept-run',
    text: `
    insert into runs (id, pipeline, version, plan_hash, inputs, labels, priority, trigger, requested_by, workflow_id,
                      parent_run, parent_task, concurrency_key, concurrency_limit, progress, scheduled_at, rerun_of, reused,
                      admitted_at, dispatched_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            case when $19 then now() end, case when $19 then now() end)
    on conflict (id) do nothing
    returning ${runColumns}`,
    values: [
      run.id, run.pipeline, run.version, run.planHash, jsonParameter(run.inputs), run.labels, run.priority, run.trigger,
      run.requestedBy, run.workflowId, run.parent?.run ?? null, run.parent?.task ?? null, limit?.key ?? null,
      limit?.limit ?? null, newProgress(run), run.scheduledAt ?? null, run.rerun?.of ?? null, run.rerun?.reused ?? null, admitted,
    ],
  });
  const row = rows[0] ?? (await findRunRow(client, run.id));
  if (!row) throw new AppError('internal', `The run ${run.id} was not stored`);
  return row;
}

/**
 * Cancels a run that still waits at the door, whose workflow therefore was never asked to start.
 * @returns false when it is not waiting there (any more)
 */
export async function cancelBeforeStart(pool: Pool, id: string, request: { reason?: string; by: string }): Promise<boolean> {
  const { rowCount } = await pool.query(
    `with cancelled as (
       update runs set status = 'cancelled', finished_at = now(), cancel_requested = $2,
              error = json_build_object('code', 'cancelled', 'message', $3::text, 'retryable', false),
              progress = progress || jsonb_build_object('cancelled', progress -> 'pending', 'pending', 0)
       where id = $1 and status = 'queued' and admitted_at is null
       returning id),
     told as (
       insert into run_events (run_id, seq, type, at, data) select id, 1, 'run.cancelled', now(), $2::json from cancelled)
     select pg_notify('run_changed', id::text) from cancelled`,
    [id, jsonParameter(request), `Cancelled before it started${request.reason ? `: ${request.reason}` : ''}`],
  );
  return rowCount === 1;
}

/** Keeps a cancel that the workflow could not be told yet; the next starter that reaches Temporal passes it on. */
export async function requestCancel(pool: Pool, id: string, request: { reason?: string; force?: boolean; by: string }): Promise<void> {
  await pool.query('update runs set cancel_requested = $2, dispatched_at = null where id = $1 and finished_at is null', [id, request]);
}
