import type { Pool, PoolClient } from 'pg';
import { limits } from '../domain/limits';
import type { Plan } from '../domain/pipeline/plan';
import type { ReusedResults } from '../domain/pipeline/rerun/reuse-marks';
import type { AcceptedRun } from '../domain/pipeline/run';
import type { RunRow } from './run-queries';

type StartableRun = Pick<RunRow,
  'id' | 'pipeline' | 'version' | 'planHash' | 'inputs' | 'priority' | 'trigger' | 'requestedBy' | 'workflowId' | 'scheduledAt' | 'concurrencyKey'>;

/** An admitted run whose workflow is not known to run yet. */
export interface DispatchableRun extends StartableRun {
  /** Null when it is too large to travel in the start arguments. */
  plan: Plan | null;
  cancelRequested: { reason?: string; force?: boolean; by: string } | null;
  admittedAt: Date;
  reused: ReusedResults | null;
}

/** A run as its workflow is told of it. @param plan null when it is too large to travel in the start arguments */
export function acceptedRun({ id, pipeline, version, trigger, requestedBy, planHash, priority, ...row }: StartableRun, plan: Plan | null, reused: ReusedResults | null): AcceptedRun {
  return {
    run: { id, pipeline, version, scheduledAt: row.scheduledAt?.toISOString() ?? null, trigger, requestedBy },
    planHash, priority, hasSlot: row.concurrencyKey !== null, ...(plan && { plan }), ...(reused && { reused }),
  };
}

/**
 * Claims admitted runs that have shown no sign of a workflow for `quietMs`, first by priority, then by age.
 * A claim lasts as long, should the claimer die, or as long as the run had waited by then, up to a minute: what Temporal
 * has taken and workers are too busy to begin would only be more work by being told again and again.
 */
export async function claimUndispatched(pool: Pool, quietMs: number, max: number): Promise<DispatchableRun[]> {
  const { rows } = await pool.query<DispatchableRun>(
    `with claimed as (
       update runs set dispatched_at = now()
       where id in (
         select id from runs
         where status = 'queued' and admitted_at is not null
           and (dispatched_at is null or
             dispatched_at < now() - least(greatest(make_interval(secs => $1 / 1000.0), dispatched_at - admitted_at), interval '1 minute'))
         order by priority, id limit $2 for update skip locked)
       returning *)
     select r.id, r.pipeline, r.version, r.plan_hash as "planHash", r.inputs, r.priority, r.trigger,
            r.requested_by as "requestedBy", r.workflow_id as "workflowId", r.cancel_requested as "cancelRequested",
            r.admitted_at as "admittedAt", r.scheduled_at as "scheduledAt",
            r.concurrency_key as "concurrencyKey", r.reused, case when p.bytes < $3 then p.body end as plan
     from claimed r join plans p on p.hash = r.plan_hash
     order by r.priority, r.id`,
    [quietMs, max, limits.inlinePlanBytes],
  );
  return rows;
}

/** Gives claims back: the claimer could not start these runs. Starters find them with their next sweep, or at once if woken. */
export async function releaseClaims(pool: Pool, ids: string[], { wake = false } = {}): Promise<void> {
  await pool.query(
    `with released as (
       update runs set dispatched_at = null where id = any($1::uuid[]) and status = 'queued' and admitted_at is not null returning id)
     select case when $2 then pg_notify('run_admitted', id::text) end from released`,
    [ids, wake],
  );
}

/** Holds the door of a (pipeline, key) until the transaction ends, so that nobody takes or gives the same slot meanwhile. */
export async function lockDoor(client: PoolClient, pipeline: string, key: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${pipeline}\n${key}`]);
}

/**
 * Gives the slots of a (pipeline, key) that are free to those who wait for them, first by priority, then by age,
 * and wakes the starters. Runs inside the transaction that freed the slot.
 */
export async function admitWaiting(client: PoolClient, pipeline: string, key: string): Promise<number> {
  await lockDoor(client, pipeline, key);
  const { rowCount } = await client.query(
    `with free as (
       select greatest(0, max(concurrency_limit) - count(*) filter (where admitted_at is not null)) as slots
       from runs where pipeline = $1 and concurrency_key = $2 and finished_at is null),
     admitted as (
       update runs set admitted_at = now()
       where id in (
         select id from runs where pipeline = $1 and concurrency_key = $2 and admitted_at is null and status = 'queued'
         order by priority, id limit (select slots from free))
       returning id)
     select pg_notify('run_admitted', id::text), pg_notify('run_changed', id::text) from admitted`,
    [pipeline, key],
  );
  return rowCount ?? 0;
}

/** Ends a run whose workflow was never confirmed and may be past Temporal's retention: starting it might be a second time. */
export async function failLost(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `update runs set status = 'failed', finished_at = now(),
            error = json_build_object('code', 'unavailable', 'message', 'It was accepted, and nobody could start it in time', 'retryable', true)
     where id = $1 and status = 'queued'`,
    [id],
  );
}
