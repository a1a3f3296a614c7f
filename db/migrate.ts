import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../domain/errors';
import { packageRoot } from '../platform/package-root';
import type { Pool, PoolClient } from '../platform/postgres';

/** Any number that no other program takes: processes that start together migrate one after the other. */
const advisoryLock = 8_140_233_901;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Brings the database to the newest schema: applies the files of `db/migrations` that it does not have, in order of
 * their names, each in a transaction of its own. Waits while another process migrates.
 *
 * Our own forty lines instead of a library, because the libraries remember names only: a migration that was edited
 * after it ran would go unnoticed, and two databases of "the same version" would differ.
 * @returns names of the migrations that were applied now
 * @throws AppError `conflict` when an applied migration was edited or removed; nothing is changed then
 */
export async function migrate(pool: Pool, folder: string = migrationsFolder()): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    return await applyMissing(client, migrations);
  } finally {
    // Closing the connection gives the lock back, whatever state an error left the session in.
    client.release(true);
  }
}

async function applyMissing(client: PoolClient, migrations: Migration[]): Promise<string[]> {
  await client.query(`create table if not exists migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations order by name');
  rows.forEach((applied) => refuseChanged(applied, migrations));
  const known = new Set(rows.map((row) => row.name));
  const missing = migrations.filter((migration) => !known.has(migration.name));
  for (const migration of missing) await apply(client, migration);
  return missing.map((migration) => migration.name);
}

function refuseChanged(applied: { name: string; checksum: string }, migrations: Migration[]): void {
  const file = migrations.find((migration) => migration.name === applied.name);
  if (file?.checksum === applied.checksum) return;
  // A newer release migrated already and this process is of the older one: normal while replicas are replaced.
  if (!file && migrations.every((migration) => migration.name < applied.name)) return;
  const what = file ? 'was edited after it was applied' : 'was applied, and its file is gone';
  throw new AppError('conflict', `Migration ${applied.name} ${what}: this database and these files are of different releases. `
    + `Nothing was changed. Restore db/migrations/${applied.name} as the release has it; changes belong into a new migration.`);
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [migration.name, migration.checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** The migrations of a folder, in the order in which they apply. */
async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map(async (name) => {
    const sql = await readFile(join(folder, name), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  }));
}

/** The SQL files stay where they are when the code is compiled. */
const migrationsFolder = (): string => join(packageRoot(), 'db', 'migrations');
