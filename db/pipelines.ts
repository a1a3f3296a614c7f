import type { Plan } from '../domain/pipeline/plan';
import type { PoolClient, Queryable } from '../platform/postgres';

export interface PipelineRow {
  name: string;
  description: string | null;
  labels: Record<string, string>;
  version: number;
  planHash: string;
  archivedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface VersionRow {
  pipeline: string;
  version: number;
  planHash: string;
  format: 'yaml' | 'json';
  tasks: number;
  createdBy: string;
  createdAt: Date;
}

/** A plan in the form in which it is stored: its JSON and its identity (domain/pipeline/plan-hash). */
export interface StoredPlan {
  hash: string;
  body: string;
  tasks: number;
}

const pipelineColumns = `p.name, p.description, p.labels, p.latest_version as version, v.plan_hash as "planHash",
  p.archived_at as "archivedAt", p.created_at as "createdAt", p.updated_at as "updatedAt"`;
const pipelineTables = 'pipelines p join pipeline_versions v on v.pipeline = p.name and v.version = p.latest_version';
const versionColumns = `v.pipeline, v.version, v.plan_hash as "planHash", v.format, plans.tasks,
  v.created_by as "createdBy", v.created_at as "createdAt"`;
const versionTables = 'pipeline_versions v join plans on plans.hash = v.plan_hash';

export async function findPipeline(db: Queryable, name: string): Promise<PipelineRow | undefined> {
  const { rows } = await db.query<PipelineRow>({ name: 'find-pipeline', text: `select ${pipelineColumns} from ${pipelineTables} where p.name = $1`, values: [name] });
  return rows[0];
}

/** Serialises all changes of one pipeline until the transaction ends, also of a name that does not exist yet. */
export async function lockPipeline(client: PoolClient, name: string): Promise<PipelineRow | undefined> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('pipeline/' || $1, 0))`, [name]);
  return findPipeline(client, name);
}

/** Pipelines after the name `after`, by name. */
export async function listPipelines(
  db: Queryable, page: { after?: string | undefined; archived: boolean; limit: number },
): Promise<PipelineRow[]> {
  const { rows } = await db.query<PipelineRow>(
    `select ${pipelineColumns} from ${pipelineTables}
     where p.name > $1 and (p.archived_at is not null) = $2 order by p.name limit $3`,
    [page.after ?? '', page.archived, page.limit]);
  return rows;
}

/** Names of pipelines that are in use. */
export async function listPipelineNames(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>('select name from pipelines where archived_at is null order by name limit $1', [limit]);
  return rows.map(({ name }) => name);
}

/** Stores a plan; the same plan is stored once, whatever pipelines and versions use it. */
export async function storePlan(db: Queryable, plan: StoredPlan): Promise<void> {
  await db.query('insert into plans (hash, bytes, tasks, body) values ($1, $2, $3, $4) on conflict (hash) do nothing',
    [plan.hash, Buffer.byteLength(plan.body), plan.tasks, plan.body]);
}

export interface NewVersion {
  pipeline: string;
  version: number;
  planHash: string;
  description: string | undefined;
  labels: Record<string, string>;
  source: string;
  format: 'yaml' | 'json';
  createdBy: string;
}

/** Adds a version and makes it the newest; a pipeline that was archived is in use again. */
export async function insertVersion(client: PoolClient, version: NewVersion): Promise<void> {
  await client.query(
    `insert into pipelines (name, description, labels, latest_version) values ($1, $2, $3, $4)
     on conflict (name) do update set description = excluded.description, labels = excluded.labels,
       latest_version = excluded.latest_version, archived_at = null, updated_at = now()`,
    [version.pipeline, version.description ?? null, JSON.stringify(version.labels), version.version]);
  await client.query(
    'insert into pipeline_versions (pipeline, version, plan_hash, source, format, created_by) values ($1, $2, $3, $4, $5, $6)',
    [version.pipeline, version.version, version.planHash, version.source, version.format, version.createdBy]);
}

export async function setArchived(db: Queryable, name: string, archived: boolean): Promise<void> {
  await db.query(
    `update pipelines set archived_at = case when $2 then coalesce(archived_at, now()) end, updated_at = now() where name = $1`,
    [name, archived]);
}

/** Versions before number `before`, newest first. */
export async function listVersions(
  db: Queryable, name: string, page: { before?: number | undefined; limit: number },
): Promise<VersionRow[]> {
  const { rows } = await db.query<VersionRow>(
    `select ${versionColumns} from ${versionTables}
     where v.pipeline = $1 and ($2::integer is null or v.version < $2) order by v.version desc limit $3`,
    [name, page.before ?? null, page.limit]);
  return rows;
}

export async function findVersion(
  db: Queryable, name: string, version: number,
): Promise<(VersionRow & { source: string }) | undefined> {
  const { rows } = await db.query<VersionRow & { source: string }>(
    `select ${versionColumns}, v.source from ${versionTables} where v.pipeline = $1 and v.version = $2`, [name, version]);
  return rows[0];
}

/** The plan with this hash: immutable, so it may be kept as long as one likes. */
export async function loadPlan(db: Queryable, hash: string): Promise<{ plan: Plan; bytes: number } | undefined> {
  const { rows } = await db.query<{ plan: Plan; bytes: number }>('select body as plan, bytes from plans where hash = $1', [hash]);
  return rows[0];
}
