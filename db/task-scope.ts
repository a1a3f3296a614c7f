import type { Pool } from 'pg';
import type { ErrorInfo } from '../domain/errors';
import type { ArtifactRef } from '../domain/artifact';
import type { Json, JsonObject } from '../domain/json';
import type { Plan } from '../domain/pipeline/plan';
import type { RunContext, RunTrigger } from '../domain/pipeline/run';

export interface StoredRun {
  context: RunContext;
  inputs: JsonObject;
  planHash: string;
}

/** What the row of a run says about it; `startedAt` falls back on the time of acceptance. */
export async function findRun(pool: Pool, id: string): Promise<StoredRun | null> {
  const { rows } = await pool.query<{
    id: string; pipeline: string; version: number; startedAt: Date; scheduledAt: Date | null; trigger: RunTrigger; requestedBy: string; inputs: JsonObject; planHash: string;
  }>({
    name: 'find-run-context',
    text: `select id, pipeline, version, coalesce(started_at, created_at) as "startedAt", scheduled_at as "scheduledAt", trigger,
                  requested_by as "requestedBy", inputs, plan_hash as "planHash"
           from runs where id = $1`,
    values: [id],
  });
  const row = rows[0];
  if (!row) return null;
  const { inputs, planHash, startedAt, scheduledAt, ...rest } = row;
  return { context: { ...rest, startedAt: startedAt.toISOString(), scheduledAt: scheduledAt?.toISOString() ?? null }, inputs, planHash };
}

export async function findPlan(pool: Pool, hash: string): Promise<Plan | null> {
  const { rows } = await pool.query<{ body: Plan }>({ name: 'find-plan', text: 'select body from plans where hash = $1', values: [hash] });
  return rows[0]?.body ?? null;
}

export interface StoredResult {
  task: string;
  status: string;
  output: Json;
  artifact: ArtifactRef | null;
  error: ErrorInfo | null;
}

/** Results of some tasks of a run, as expressions read them. Tasks without a row are left out. */
export async function findResults(pool: Pool, runId: string, tasks: string[]): Promise<StoredResult[]> {
  const { rows } = await pool.query<StoredResult>({
    name: 'find-results',
    text: `select task, status, output, artifact, error from run_tasks where run_id = $1 and task = any ($2) and instance = -1`,
    values: [runId, tasks],
  });
  return rows;
}

/** One item of what a `forEach` is expanded over. */
export async function findItem(pool: Pool, runId: string, task: string, instance: number): Promise<Json> {
  const { rows } = await pool.query<{ item: Json }>({
    name: 'find-item',
    text: `select items -> $3::int as item from run_tasks where run_id = $1 and task = $2 and instance = -1`,
    values: [runId, task, instance],
  });
  return rows[0]?.item ?? null;
}

/** Outputs of the instances of a `forEach`, by item number; those without one are left out. */
export async function findInstanceOutputs(pool: Pool, runId: string, task: string): Promise<{ instance: number; output: Json }[]> {
  const { rows } = await pool.query<{ instance: number; output: Json }>({
    name: 'find-instance-outputs',
    text: `select instance, output from run_tasks where run_id = $1 and task = $2 and instance >= 0 and output is not null
           order by instance`,
    values: [runId, task],
  });
  return rows;
}
