import type { Pool } from 'pg';
import type { ArtifactIndex, ArtifactRecord } from '../platform/artifacts';

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const columns = `id, run_id as "runId", task, nullif(instance, -1) as instance, name, bytes, sha256,
  content_type as "contentType", created_at as "createdAt"`;

export interface StoredArtifact extends ArtifactRecord {
  createdAt: Date;
}

/** As one run shows it: an artifact that it has made, or that belongs to a result which it reuses. */
export interface ArtifactOfRun extends StoredArtifact {
  /** The run that made it, if that is an earlier one. */
  reusedFrom: string | null;
}

/**
 * A content that is being saved is looked at by retention no earlier than this: in hours, so that it outlasts any
 * upload. One that takes longer is noticed, and saved again.
 */
const claimHours = 24;

/** Rows of artifacts; their contents are kept elsewhere (`platform/artifact-contents`). */
export class ArtifactTable implements ArtifactIndex {
  constructor(private readonly pool: Pool) {}

  /** Waits while retention removes that very content: then it is saved anew. */
  async claim(sha256: string): Promise<void> {
    await this.pool.query({
      name: 'claim-content',
      text: `insert into artifact_checks (sha256, due) values ($1, now() + make_interval(hours => $2))
             on conflict (sha256) do update set due = greatest(artifact_checks.due, excluded.due)`,
      values: [sha256, claimHours],
    });
  }

  /** One statement; the claim is held until the row is there. The content that it had before is to be looked at. */
  async put(record: ArtifactRecord): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'put-artifact',
      text: `
      with claim as (select 1 from artifact_checks where sha256 = $7 for key share),
      replaced as (
        insert into artifact_checks (sha256, due)
        select sha256, now() + make_interval(hours => $9) from artifacts where id = $1 and sha256 <> $7
        on conflict (sha256) do update set due = greatest(artifact_checks.due, excluded.due))
      insert into artifacts (id, run_id, task, instance, name, bytes, sha256, content_type)
      select $1, $2, $3, coalesce($4, -1), $5, $6, $7, $8 from claim
      on conflict (id) do update
      set bytes = excluded.bytes, sha256 = excluded.sha256, content_type = excluded.content_type, created_at = now()`,
      values: [record.id, record.runId, record.task, record.instance, record.name, record.bytes, record.sha256, record.contentType, claimHours],
    });
    return rowCount === 1;
  }

  /** @returns undefined when there is none, also for what is not an id at all */
  async find(id: string): Promise<StoredArtifact | undefined> {
    if (!uuidShape.test(id)) return undefined;
    const { rows } = await this.pool.query<StoredArtifact>({
      name: 'find-artifact',
      text: `select ${columns} from artifacts where id = $1`,
      values: [id],
    });
    return rows[0];
  }

  /** Artifacts of a run in the order in which they were made, with those of the results that it reuses. */
  async listByRun(runId: string): Promise<ArtifactOfRun[]> {
    const { rows } = await this.pool.query<ArtifactOfRun>({
      name: 'list-artifacts',
      text: `
      with reused as (
        select a.id, a.run_id, a.task, t.instance, a.name, a.bytes, a.sha256, a.content_type, a.created_at, t.reused_from
        from run_tasks t join artifacts a on a.run_id = t.reused_from and a.task = t.task and a.instance = t.reused_instance
        where t.run_id = $1 and t.reused_from is not null),
      own as (select id, run_id, task, instance, name, bytes, sha256, content_type, created_at, null::uuid from artifacts where run_id = $1)
      select ${columns}, reused_from as "reusedFrom" from (select * from reused union all select * from own) as shown order by created_at, id`,
      values: [runId],
    });
    return rows;
  }
}
