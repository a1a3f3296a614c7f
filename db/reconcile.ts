import type { Pool } from 'pg';
import type { RunStatus } from '../domain/pipeline/status';
import { transaction } from '../platform/postgres';
import { admitWaiting } from './dispatch';

/** An open run that was dispatched and not heard of lately. */
export interface QuietRun {
  id: string;
  workflowId: string;
  /** Whether its workflow has told anything yet; if not, there may be none so far. */
  started: boolean;
}

/** Open runs that were not heard of for `quietMs`; each is looked at once in a while. */
export async function findQuietRuns(pool: Pool, quietMs: number, max: number): Promise<QuietRun[]> {
  const { rows } = await pool.query<QuietRun>(
    `update runs set checked_at = now()
     where id in (
       select id from runs
       where finished_at is null and admitted_at is not null
         and greatest(checked_at, dispatched_at, started_at) < now() - make_interval(secs => $1 / 1000.0)
       order by greatest(checked_at, dispatched_at, started_at) limit $2 for update skip locked)
     returning id, workflow_id as "workflowId", started_at is not null as started`,
    [quietMs, max],
  );
  return rows;
}

/** Ends a run, and what was open of it, as Temporal says that it ended; gives its slot to the next one. */
export async function closeEnded(pool: Pool, id: string, ended: { status: RunStatus; code: string; message: string }): Promise<void> {
  await transaction(pool, async (client) => {
    const { rows } = await client.query<{ pipeline: string; key: string | null }>(
      `with ended as (
         update runs set status = $2, finished_at = now(), seq = seq + 1,
                progress = progress || jsonb_build_object('running', 0, 'waiting', 0, 'queued', 0, 'pending', 0, 'cancelled',
                  (progress ->> 'total')::int - (progress ->> 'succeeded')::int - (progress ->> 'failed')::int - (progress ->> 'skipped')::int),
                error = json_build_object('code', $3::text, 'message', $4::text, 'retryable', false)
         where id = $1 and finished_at is null returning *),
       tasks as (
         update run_tasks set status = 'cancelled', final = true, finished_at = now(), updated_at = now(),
                error = json_build_object('code', $3::text, 'message', $4::text, 'retryable', false)
         where run_id = (select id from ended) and not final),
       told as (
         insert into run_events (run_id, seq, type, at, data)
         select id, seq, 'run.' || status, now(), json_build_object('status', status, 'error', error) from ended
         on conflict do nothing)
       select pipeline, concurrency_key as key, pg_notify('run_changed', id::text) from ended`,
      [id, ended.status, ended.code, ended.message],
    );
    const run = rows[0];
    if (run?.key != null) await admitWaiting(client, run.pipeline, run.key);
  });
}
