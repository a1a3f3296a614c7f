import type { Queryable } from '../platform/postgres';

export type SubjectType = 'user' | 'service';

/** A key without its secret: what a person may see of it. */
export interface KeyRow {
  id: string;
  prefix: string;
  subject: { type: SubjectType; name: string; email: string | null };
  roles: string[];
  groups: string[];
  createdBy: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface NewKey {
  id: string;
  /** sha256 of the whole key. */
  hash: Buffer;
  prefix: string;
  subject: { type: SubjectType; name: string; email?: string | undefined };
  roles: string[];
  groups: string[];
  createdBy: string;
  expiresAt: Date | null;
}

const columns = `id, prefix, json_build_object('type', subject_type, 'name', subject_name, 'email', subject_email) as subject,
  roles, groups, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt"`;

/** Stores a key. One whose hash is known already is left as it is, revoked or not. */
export async function insertKey(db: Queryable, key: NewKey): Promise<void> {
  await db.query(
    `insert into keys (id, hash, prefix, subject_type, subject_name, subject_email, roles, groups, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (hash) do nothing`,
    [key.id, key.hash, key.prefix, key.subject.type, key.subject.name, key.subject.email ?? null, key.roles, key.groups,
      key.createdBy, key.expiresAt],
  );
}

/** The key that can be used now and has this hash. */
export async function findUsableKey(db: Queryable, hash: Buffer): Promise<(KeyRow & { hash: Buffer }) | undefined> {
  const { rows } = await db.query<KeyRow & { hash: Buffer }>({
    name: 'find-usable-key', // prepared once a connection: it runs with every request
    text: `select hash, ${columns} from keys
      where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    values: [hash],
  });
  return rows[0];
}

/** Whether a key that was usable still is. */
export async function isUsableKey(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'is-usable-key', // asked again and again for each stream
    text: 'select from keys where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())', values: [id],
  });
  return rowCount === 1;
}

export async function findKey(db: Queryable, id: string): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(`select ${columns} from keys where id = $1`, [id]);
  return rows[0];
}

/** Keys after the one with id `after`, in the order in which they were made. */
export async function listKeys(db: Queryable, page: { after?: string | undefined; limit: number }): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>(
    `select ${columns} from keys where $1::uuid is null or id > $1 order by id limit $2`, [page.after ?? null, page.limit]);
  return rows;
}

/** Revokes a key from now on; one that is revoked keeps its time. */
export async function revokeKey(db: Queryable, id: string): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(
    `update keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning ${columns}`, [id]);
  return rows[0];
}
