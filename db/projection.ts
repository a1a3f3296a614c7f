import type { Pool, PoolClient } from 'pg';
import { eventOf, type RunFacts, type TaskFact } from '../domain/pipeline/facts';
import { isFinalTask } from '../domain/pipeline/status';
import { jsonParameter, transaction } from '../platform/postgres';
import { admitWaiting } from './dispatch';

/** One statement, so that a batch of facts costs one round trip and is written whole or not at all. */
const projectSql = `
with run as (
  update runs set status = $2, seq = $3, progress = $4, started_at = coalesce(started_at, $5::timestamptz),
         finished_at = $6::timestamptz, outputs = $7, error = $8, warnings = coalesce($9::jsonb, warnings)
  -- the end of a run counts whatever was written before it
  where id = $1 and finished_at is null and (seq < $3 or $6::timestamptz is not null)
  returning id, pipeline, concurrency_key),
tasks as (
  insert into run_tasks as t (run_id, task, instance, generation, attempt, status, final, seq, started_at, finished_at,
                              output, artifact, items, error, reason, waiting_for)
  select $1, f.task, f.instance, f.generation, f.attempt, f.status, f.final, f.seq, f.started_at, f.finished_at,
         f.output, f.artifact, f.items, f.error, f.reason, f.waiting_for
  from json_to_recordset($10) as f (task text, instance int, generation int, attempt int, status text, final boolean,
       seq bigint, started_at timestamptz, finished_at timestamptz, output json, artifact json, items json, error json,
       reason text, waiting_for text)
  on conflict (run_id, task, instance) do update set
    generation = excluded.generation, status = excluded.status, final = excluded.final, seq = excluded.seq,
    attempt = greatest(excluded.attempt, case when t.generation = excluded.generation then t.attempt else 0 end),
    started_at = coalesce(excluded.started_at, case when t.generation = excluded.generation then t.started_at end),
    finished_at = excluded.finished_at,
    output = coalesce(excluded.output, case when t.generation = excluded.generation then t.output end),
    artifact = coalesce(excluded.artifact, t.artifact), items = coalesce(excluded.items, t.items),
    error = excluded.error, reason = excluded.reason, waiting_for = excluded.waiting_for,
    progress = case when t.generation = excluded.generation then t.progress end,
    reused_from = case when t.generation = excluded.generation then t.reused_from end,
    reused_instance = case when t.generation = excluded.generation then t.reused_instance end, updated_at = now()
  where t.seq < excluded.seq
    -- queued and waiting are told late: they never hide that the worker is on it already
    and (excluded.final or excluded.generation > t.generation or excluded.status <> 'queued' or t.status <> 'running')),
events as (
  insert into run_events (run_id, seq, type, at, data)
  select $1, e.seq, e.type, e.at, e.data from json_to_recordset($11) as e (seq bigint, type text, at timestamptz, data json)
  on conflict do nothing)
select run.pipeline, run.concurrency_key, pg_notify('run_changed', $1::uuid::text) from run`;

const parameters = (facts: RunFacts): unknown[] => [
  facts.runId, facts.status, facts.seq, facts.progress, facts.startedAt, facts.finishedAt ?? null,
  jsonOrNull(facts.outputs), jsonOrNull(facts.error), facts.warnings ? jsonParameter(facts.warnings) : null,
  // Of each task or instance only the newest fact is its row; all of them are events.
  jsonParameter([...newestFacts(facts.tasks).values()].map((fact) => ({
    task: fact.task, instance: fact.instance ?? -1, generation: fact.generation ?? 0, attempt: fact.attempt ?? 0,
    status: fact.status, final: isFinalTask(fact.status), seq: fact.seq, started_at: fact.startedAt,
    finished_at: fact.finishedAt, output: fact.output, artifact: fact.artifact, items: fact.items, error: fact.error,
    reason: fact.reason, waiting_for: fact.waitingFor,
  }))),
  jsonParameter([...facts.tasks.map(eventOf), ...facts.events]),
];

/** By task or instance. What a `forEach` was expanded over is told once, and outlives the fact that told it. */
function newestFacts(facts: readonly TaskFact[]): Map<string, TaskFact> {
  const newest = new Map<string, TaskFact>();
  for (const fact of facts) {
    const key = `${fact.task} ${fact.instance ?? ''}`;
    const items = fact.items ?? newest.get(key)?.items;
    newest.set(key, items ? { ...fact, items } : fact);
  }
  return newest;
}

const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : jsonParameter(value));

interface Projected { pipeline: string; concurrency_key: string | null }

const project = async (client: Pool | PoolClient, facts: RunFacts): Promise<Projected | undefined> =>
  (await client.query<Projected>({ name: 'project-facts', text: projectSql, values: parameters(facts) })).rows[0];

/** Writes a batch of facts of an open run. */
export async function projectFacts(pool: Pool, facts: RunFacts): Promise<void> {
  await project(pool, facts);
}

/** Writes the last facts of a run, and gives its slot to the next one that waits for it. */
export async function projectEnd(pool: Pool, facts: RunFacts, hasSlot: boolean): Promise<void> {
  if (!hasSlot) {
    await project(pool, facts);
    return;
  }
  await transaction(pool, async (client) => {
    const run = await project(client, facts);
    if (run?.concurrency_key != null) await admitWaiting(client, run.pipeline, run.concurrency_key);
  });
}
