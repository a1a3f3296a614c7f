import type { Pool } from 'pg';
import { transaction, type Queryable } from '../platform/postgres';

/** What only the run itself reads. */
export type TimedPart = 'logs' | 'events';

/** Rows that one statement removes: few enough that its locks are short. */
export const rowsAtOnce = 5_000;

/**
 * Ended runs, oldest first, that nothing reads any more. Who may read the results of a run: a rerun of it, and the run
 * whose task it was, and so on from each of these. All of them must have ended before the same time ($1).
 */
const unread = `
  r.finished_at < $1 and not exists (
    with recursive readers (id, parent_run, finished_at) as (
      select u.id, u.parent_run, u.finished_at from runs u where u.rerun_of = r.id
      union select u.id, u.parent_run, u.finished_at from runs u where u.id = r.parent_run
      union select u.id, u.parent_run, u.finished_at from readers d cross join lateral (
        select n.id, n.parent_run, n.finished_at from runs n where n.rerun_of = d.id
        union all select n.id, n.parent_run, n.finished_at from runs n where n.id = d.parent_run) u)
    select from readers where finished_at is null or finished_at >= $1)
  and not r.id = any ($3::uuid[])`;

const removedColumn: Readonly<Record<TimedPart, string>> = { logs: 'logs_removed_at', events: 'events_removed_at' };

const artifactUri = 'artifact://([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})';

/** Runs whose artifacts the inputs of an open run name: somebody handed a result on by hand. */
export async function findRunsNamedByInputs(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ runId: string }>({
    name: 'find-runs-named-by-inputs',
    text: `select distinct a.run_id as "runId"
           from runs o cross join lateral regexp_matches(o.inputs::text, $1, 'g') as named (parts)
           join artifacts a on a.id = named.parts[1]::uuid
           where o.finished_at is null`,
    values: [artifactUri],
  });
  return rows.map(({ runId }) => runId);
}

/** Marks ended runs for removal; `kept` are left alone. Runs that somebody else holds are taken another time. */
export const expireSql = `
  update runs set expired_at = now() where id = any (array(
    select r.id from runs r where ${unread} and r.expired_at is null order by r.finished_at limit $2 for update skip locked))`;

export async function expireRuns(pool: Pool, endedBefore: Date, limit: number, kept: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query({ name: 'expire-runs', text: expireSql, values: [endedBefore, limit, kept] });
  return rowCount ?? 0;
}

/** Runs that are marked, also by a process that died before it had removed them. */
export async function findExpired(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-expired', text: 'select id from runs where expired_at is not null order by id limit $1', values: [limit],
  });
  return rows.map(({ id }) => id);
}

/** Ended runs that still have logs or events that are kept no longer. Nothing but the run itself reads these. */
export const endedSql = (part: TimedPart): string =>
  `select id from runs where finished_at < $1 and ${removedColumn[part]} is null order by finished_at limit $2`;

export async function findEnded(pool: Pool, part: TimedPart, endedBefore: Date, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({ name: `find-ended-${part}`, text: endedSql(part), values: [endedBefore, limit] });
  return rows.map(({ id }) => id);
}

export async function markRemoved(pool: Pool, part: TimedPart, runs: readonly string[]): Promise<void> {
  await pool.query({ name: `mark-${part}-removed`, text: `update runs set ${removedColumn[part]} = now() where id = any ($1)`, values: [runs] });
}

export type RunTable = 'task_logs' | 'run_events' | 'task_attempts' | 'run_tasks';

/** One bite of the rows that belong to some runs. */
export const removeRowsSql = (table: RunTable): string =>
  `delete from ${table} where ctid = any (array(select ctid from ${table} where run_id = any ($1) limit $2))`;

/** @returns how many rows it removed; fewer than `rowsAtOnce` when none are left */
export async function removeRows(pool: Pool, table: RunTable, runs: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query({ name: `remove-${table}`, text: removeRowsSql(table), values: [runs, rowsAtOnce] });
  return rowCount ?? 0;
}

/** In the order of the hashes, so that two workers never wait for each other in a circle. */
const removeArtifactsSql = `
  with gone as (delete from artifacts where run_id = any ($1) returning sha256),
  checks as (
    insert into artifact_checks (sha256, due) select distinct sha256, now() from gone order by 1
    on conflict (sha256) do update set due = artifact_checks.due)
  select count(*) as removed from gone`;

async function removeArtifacts(queryable: Queryable, runs: readonly string[]): Promise<number> {
  const { rows } = await queryable.query<{ removed: number }>({ name: 'remove-artifacts', text: removeArtifactsSql, values: [runs] });
  return rows[0]?.removed ?? 0;
}

/** Ended runs with artifacts that nothing reads any more, held until the transaction ends. */
export const lockUnreadSql = `
  select r.id from runs r where ${unread} and r.artifacts_removed_at is null order by r.finished_at limit $2 for update skip locked`;

/**
 * Removes the artifacts of some ended runs that nothing reads any more; `kept` are left alone. Their contents are looked
 * at later.
 */
export async function removeUnreadArtifacts(
  pool: Pool, endedBefore: Date, limit: number, kept: readonly string[],
): Promise<{ runs: number; artifacts: number }> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>({ name: 'lock-unread', text: lockUnreadSql, values: [endedBefore, limit, kept] });
    const runs = rows.map(({ id }) => id);
    const artifacts = runs.length > 0 ? await removeArtifacts(client, runs) : 0;
    await client.query('update runs set artifacts_removed_at = now() where id = any ($1)', [runs]);
    return { runs: runs.length, artifacts };
  });
}

/** The rows of marked runs themselves, when all that belongs to them is gone. @returns how many, and of their artifacts */
export async function removeExpired(pool: Pool, runs: readonly string[]): Promise<{ runs: number; artifacts: number }> {
  return transaction(pool, async (client) => {
    const artifacts = await removeArtifacts(client, runs);
    const { rowCount } = await client.query('delete from runs where id = any ($1) and expired_at is not null', [runs]);
    return { runs: rowCount ?? 0, artifacts };
  });
}

/**
 * Looks at some contents that are due: those that an artifact refers to are kept, all others removed. Each is held
 * meanwhile, so that whoever wants to save the same bytes waits for that moment. Those that are held are passed over, so
 * that nobody waits for this.
 */
export async function reviewContents(
  pool: Pool, limit: number, remove: (sha256: string) => Promise<void>,
): Promise<{ looked: number; removed: number }> {
  return transaction(pool, async (client) => {
    const due = await client.query<{ sha256: string }>({ name: 'hold-due', text: dueSql, values: [limit] });
    const all = due.rows.map(({ sha256 }) => sha256);
    // A statement of its own: it must see what was recorded until these were held.
    const used = await client.query<{ sha256: string }>({ name: 'find-used', text: usedSql, values: [all] });
    const unused = all.filter((sha256) => !used.rows.some((row) => row.sha256 === sha256));
    // To the last one: a removal that is under way when these are let go could hit bytes that were saved anew.
    const [failed] = (await Promise.allSettled(unused.map(remove))).filter(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    await client.query('delete from artifact_checks where sha256 = any ($1)', [all]);
    return { looked: all.length, removed: unused.length };
  });
}

export const dueSql = 'select sha256 from artifact_checks where due < now() order by due limit $1 for update skip locked';
export const usedSql = `select sha256 from unnest($1::text[]) as held (sha256)
  where exists (select from artifacts a where a.sha256 = held.sha256)`;
