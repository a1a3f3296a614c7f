import { AppError } from '../domain/errors';
import type { Config } from '../platform/config';
import { KeyRing, type Sealed } from '../platform/encryption';
import type { Queryable } from '../platform/postgres';
import { SecretMask } from '../platform/secret-mask';
import { configuredCredentials, secretSources, Secrets, type SecretSource } from '../platform/secrets';

/** A stored secret as a person may see it: all but the value. */
export interface SecretRow {
  name: string;
  version: number;
  keyId: string;
  createdAt: Date;
  createdBy: string;
  updatedAt: Date;
  updatedBy: string;
  usedAt: Date | null;
  usedVersion: number | null;
}

interface SealedRow {
  name: string;
  version: number;
  keyId: string;
  bytes: Buffer;
}

const columns = `name, version, key_id as "keyId", created_at as "createdAt", created_by as "createdBy",
  updated_at as "updatedAt", updated_by as "updatedBy", used_at as "usedAt", used_version as "usedVersion"`;
const sealedColumns = 'name, version, key_id as "keyId", sealed as bytes';

/** What a value is bound to: a row that was copied under another name, or an older one put back as the newest, does not open. */
const contextOf = (name: string, version: number): string => `${name}\n${version}`;

const openSecret = (keys: KeyRing, { name, version, ...sealed }: SealedRow): string =>
  keys.open(sealed, contextOf(name, version)).toString('utf8');

const sealSecret = (keys: KeyRing, name: string, version: number, value: string): Sealed =>
  keys.seal(Buffer.from(value), contextOf(name, version));

/**
 * Sets a secret; give it a transaction. A secret that exists gets its next version.
 * @throws AppError `key_missing`
 */
export async function putSecret(db: Queryable, keys: KeyRing, secret: { name: string; value: string; by: string }): Promise<SecretRow> {
  const { name, value, by } = secret;
  // The row, or where it is going to be, is locked: two who set it at once get two versions.
  await db.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`secret ${name}`]);
  const { rows: [known] } = await db.query<{ version: number }>('select version from secrets where name = $1', [name]);
  const version = (known?.version ?? 0) + 1;
  const { keyId, bytes } = sealSecret(keys, name, version, value);
  const { rows: [row] } = await db.query<SecretRow>(
    `insert into secrets (name, version, key_id, sealed, created_by, updated_by) values ($1, $2, $3, $4, $5, $5)
     on conflict (name) do update set version = excluded.version, key_id = excluded.key_id, sealed = excluded.sealed,
       updated_at = now(), updated_by = excluded.updated_by
     returning ${columns}`, [name, version, keyId, bytes, by]);
  if (row === undefined) throw new Error('the row that was written did not come back');
  return row;
}

export async function findSecret(db: Queryable, name: string): Promise<SecretRow | undefined> {
  const { rows } = await db.query<SecretRow>(`select ${columns} from secrets where name = $1`, [name]);
  return rows[0];
}

/** Secrets after the one called `after`, by name. */
export async function listSecrets(db: Queryable, page: { after?: string | undefined; limit: number }): Promise<SecretRow[]> {
  const { rows } = await db.query<SecretRow>(
    `select ${columns} from secrets where $1::text is null or name > $1 order by name limit $2`, [page.after ?? null, page.limit]);
  return rows;
}

export async function deleteSecret(db: Queryable, name: string): Promise<SecretRow | undefined> {
  const { rows } = await db.query<SecretRow>(`delete from secrets where name = $1 returning ${columns}`, [name]);
  return rows[0];
}

/** How many stored secrets each key has sealed. */
export async function secretsByKey(db: Queryable): Promise<{ keyId: string; count: number }[]> {
  const { rows } = await db.query<{ keyId: string; count: number }>('select key_id as "keyId", count(*) from secrets group by key_id order by key_id');
  return rows;
}

/** Which stored secrets cannot be opened, in a sentence for operators; null when all can. */
export async function unreadableSecrets(db: Queryable, keys: KeyRing): Promise<string | null> {
  const unreadable = (await secretsByKey(db)).filter(({ keyId }) => !keys.has(keyId));
  if (unreadable.length === 0) return null;
  const needs = unreadable.map(({ keyId, count }) => `${keyId} (${count} secret${count === 1 ? '' : 's'})`).join(', ');
  return `secrets were set over the API whose keys DATAMCP_SECRETS_KEY does not hold: ${needs}`;
}

/** In production nothing starts that could not read a secret it is going to need. @throws AppError `key_missing` */
export async function requireSecretKeys(config: Pick<Config, 'DATAMCP_ENV' | 'DATAMCP_SECRETS_KEY'>, db: Queryable): Promise<void> {
  if (config.DATAMCP_ENV !== 'production') return;
  const unreadable = await unreadableSecrets(db, secretKeys(config));
  if (unreadable !== null) throw new AppError('key_missing', `Not started: ${unreadable}. Add the keys, or delete those secrets while DATAMCP_ENV is development.`);
}

export const secretKeys = (config: Pick<Config, 'DATAMCP_SECRETS_KEY'>): KeyRing => new KeyRing('secret', config.DATAMCP_SECRETS_KEY);

/**
 * Seals some of the secrets that another key has sealed with the newest one; give it a transaction. Values and versions
 * stay; secrets whose key is missing are left.
 * @returns how many were sealed anew
 * @throws AppError `key_missing` when there is no key at all, `decryption_failed`
 */
export async function resealSecrets(db: Queryable, keys: KeyRing, limit: number): Promise<number> {
  const openable = (await secretsByKey(db)).map(({ keyId }) => keyId).filter((keyId) => keyId !== keys.currentId && keys.has(keyId));
  const { rows } = await db.query<SealedRow>(
    `select ${sealedColumns} from secrets where key_id = any($1) order by name limit $2 for update`, [openable, limit]);
  for (const row of rows) {
    const { keyId, bytes } = sealSecret(keys, row.name, row.version, openSecret(keys, row));
    await db.query('update secrets set key_id = $2, sealed = $3 where name = $1', [row.name, keyId, bytes]);
  }
  return rows.length;
}

/** Secrets that were set over the API. They are read with each use, so that a change counts at once, in all processes. */
export const storedSecrets = (db: Queryable, keys: KeyRing): SecretSource => ({
  async find(names) {
    const { rows } = await db.query<SealedRow>(`select ${sealedColumns} from secrets where name = any($1)`, [names]);
    return new Map(rows.map((row) => [row.name, openSecret(keys, row)]));
  },
  async names() {
    const { rows } = await db.query<{ name: string }>('select name from secrets');
    return rows.map(({ name }) => name);
  },
  async used(names) {
    // Once a minute for each secret: a row that every task of a large run writes would make them wait for each other.
    await db.query(
      `update secrets set used_at = now(), used_version = version where name = any($1)
       and (used_at is null or used_at < now() - interval '1 minute' or used_version is distinct from version)`, [names]);
  },
});

/** The secrets of a process, from all three sources, with the mask that knows them. */
export const makeSecrets = (config: Config, db: Queryable): Secrets => new Secrets(
  secretSources(config, storedSecrets(db, secretKeys(config))),
  new SecretMask(configuredCredentials(config)),
);
