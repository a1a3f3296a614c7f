import type { Json } from '../domain/json';
import type { ItemMatch } from '../domain/pipeline/rerun/item-matching';
import type { ReusedResults } from '../domain/pipeline/rerun/reuse-marks';
import type { TaskStatus } from '../domain/pipeline/status';
import { jsonParameter, type Queryable } from '../platform/postgres';

/** A task of a run as a rerun of it looks at it. */
export interface FinishedTask {
  task: string;
  status: TaskStatus;
  /** The run that gave the result: this one, or an earlier one whose result it reused itself. */
  origin: string;
  /** Whether its result names artifacts. */
  hasArtifacts: boolean;
}

/** What is known of the tasks of a run, without their instances. */
export async function findFinishedTasks(db: Queryable, runId: string): Promise<FinishedTask[]> {
  const { rows } = await db.query<FinishedTask>({
    name: 'find-finished-tasks',
    text: `select task, status, coalesce(reused_from, run_id) as origin,
                  artifact is not null or coalesce(output::text like '%artifact://%', false) as "hasArtifacts"
           from run_tasks where run_id = $1 and instance = -1`,
    values: [runId],
  });
  return rows;
}

/** Tasks of a run that a person has voted on, and could not if the request were the person's own. */
export async function findOwnDecisions(db: Queryable, runId: string, person: string): Promise<Set<string>> {
  const { rows } = await db.query<{ task: string }>({
    name: 'find-own-decisions',
    text: `select distinct t.task
           from approvals a join run_tasks t on t.run_id = $1 and t.task = a.task and coalesce(t.reused_from, t.run_id) = a.run_id
           where a.run_id = any (array(select distinct coalesce(reused_from, run_id) from run_tasks where run_id = $1))
             and (a.state -> 'policy' ->> 'requesterMayDecide') = 'false'
             and exists (select from json_array_elements(a.state -> 'votes') as vote where vote ->> 'person' = $2)`,
    values: [runId, person],
  });
  return new Set(rows.map(({ task }) => task));
}

/** An instance whose result can be reused: it has succeeded, and retention has not taken its artifacts. */
const reusableInstance = (row: string): string => `
  ${row}.instance >= 0 and ${row}.status = 'succeeded' and (coalesce(${row}.output::text not like '%artifact://%', true) or exists (
    select from runs o where o.id = coalesce(${row}.reused_from, ${row}.run_id) and o.artifacts_removed_at is null and o.expired_at is null))`;

/** How many instances of each `forEach` task can be reused. */
export async function countReusableInstances(db: Queryable, runId: string, tasks: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ task: string; count: number }>({
    name: 'count-reusable-instances',
    text: `select t.task, count(*)::int as count from run_tasks t
           where t.run_id = $1 and t.task = any ($2) and ${reusableInstance('t')} group by t.task`,
    values: [runId, tasks],
  });
  return new Map(rows.map(({ task, count }) => [task, count]));
}

export interface Origin {
  id: string;
  expired: boolean;
  artifactsRemoved: boolean;
}

/**
 * A run with all those whose results it may have reused, held against retention until the transaction ends: what is
 * there now stays there, because then the new run refers to it. The ids go as an array: of a recursive query Postgres
 * expects so many rows that it would read all runs.
 */
export async function holdOrigins(db: Queryable, runId: string): Promise<Origin[]> {
  const { rows } = await db.query<Origin>({
    name: 'hold-origins',
    text: `with recursive chain (id, rerun_of) as (
             select id, rerun_of from runs where id = $1
             union select r.id, r.rerun_of from chain c join runs r on r.id = c.rerun_of)
           select id, expired_at is not null as expired, artifacts_removed_at is not null as "artifactsRemoved"
           from runs where id = any (array(select id from chain)) order by id for share`,
    values: [runId],
  });
  return rows;
}

/** Columns of a result that is the same in whichever run it is shown. */
const resultColumns = 'attempt, status, final, started_at, finished_at, output, artifact, error, reason, worker';

/** Makes results of some tasks of a run, with their instances, results of another one. The results say where they are from. */
export async function copyResults(db: Queryable, from: string, to: string, tasks: readonly string[]): Promise<void> {
  await db.query({
    name: 'copy-results',
    text: `insert into run_tasks (run_id, task, instance, ${resultColumns}, items, reused_from, reused_instance)
           select $2, task, instance, ${resultColumns}, items, coalesce(reused_from, run_id), coalesce(reused_instance, instance)
           from run_tasks where run_id = $1 and task = any ($3) and final`,
    values: [from, to, tasks],
  });
}

/** What a `forEach` of a run was expanded over, and the numbers of its instances whose results can be reused. */
export async function findReusableItems(db: Queryable, runId: string, task: string): Promise<{ items: Json[]; reusable: number[] }> {
  const { rows } = await db.query<{ items: Json[] | null; reusable: number[] }>({
    name: 'find-reusable-items',
    text: `select items, array(select i.instance from run_tasks i where i.run_id = $1 and i.task = $2 and ${reusableInstance('i')}) as reusable
           from run_tasks where run_id = $1 and task = $2 and instance = -1`,
    values: [runId, task],
  });
  return { items: rows[0]?.items ?? [], reusable: rows[0]?.reusable ?? [] };
}

/** Like `copyResults`, of single instances that have other numbers now. Done again, it changes nothing. */
export async function copyInstances(db: Queryable, from: string, to: string, task: string, matches: readonly ItemMatch[]): Promise<void> {
  await db.query({
    name: 'copy-instances',
    text: `insert into run_tasks (run_id, task, instance, ${resultColumns}, reused_from, reused_instance)
           select $2, task, m.new_instance, ${resultColumns}, coalesce(reused_from, run_id), coalesce(reused_instance, instance)
           from run_tasks join json_to_recordset($4) as m (new_instance int, old_instance int) on m.old_instance = instance
           where run_id = $1 and task = $3
           on conflict (run_id, task, instance) do nothing`,
    values: [from, to, task, jsonParameter(matches.map(({ instance, old }) => ({ new_instance: instance, old_instance: old })))],
  });
}

/** What an accepted rerun reuses, for whoever starts its workflow. */
export async function findReused(db: Queryable, runId: string): Promise<ReusedResults | null> {
  const { rows } = await db.query<{ reused: ReusedResults | null }>({
    name: 'find-reused', text: 'select reused from runs where id = $1', values: [runId],
  });
  return rows[0]?.reused ?? null;
}
