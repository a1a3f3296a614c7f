import type { Pool } from 'pg';
import type { ArtifactIndex, ArtifactRecord } from '../platform/artifacts';

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const columns = `id, run_id as "runId", task, nullif(instance, -1) as instance, name, bytes, sha256,
  content_type as "contentType", created_at as "createdAt"`;

export interface StoredArtifact extends ArtifactRecord {
  createdAt: Date;
}

/** Rows of artifacts; their contents are files (`platform/artifact-files`). */
export class ArtifactTable implements ArtifactIndex {
  constructor(private readonly pool: Pool) {}

  async put(record: ArtifactRecord): Promise<void> {
    await this.pool.query({
      name: 'put-artifact',
      text: `insert into artifacts (id, run_id, task, instance, name, bytes, sha256, content_type)
             values ($1, $2, $3, coalesce($4, -1), $5, $6, $7, $8)
             on conflict (id) do update
             set bytes = excluded.bytes, sha256 = excluded.sha256, content_type = excluded.content_type, created_at = now()`,
      values: [record.id, record.runId, record.task, record.instance, record.name, record.bytes, record.sha256, record.contentType],
    });
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

  /** Artifacts of a run in the order in which they were made. */
  async listByRun(runId: string): Promise<StoredArtifact[]> {
    const { rows } = await this.pool.query<StoredArtifact>({
      name: 'list-artifacts',
      text: `select ${columns} from artifacts where run_id = $1 order by created_at, id`,
      values: [runId],
    });
    return rows;
  }
}
