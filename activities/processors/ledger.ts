import type { PoolClient } from 'pg';
import { AppError } from '../../domain/errors';
import type { Json } from '../../domain/json';

/**
 * The ledger that makes a write exactly once: one row per idempotency key, in the target database itself and in the same
 * transaction as the write. Whether an attempt that got no answer took effect is then a fact that the next one can read.
 */
const createLedger = `
  create table if not exists datamcp_ledger (
    key text primary key,
    result json,
    recorded_at timestamptz not null default now())`;

/** Any number that no other lock in the target takes. */
const creationLock = 4_771_902_215;

async function ledgerExists(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>("select to_regclass('datamcp_ledger') is not null as found");
  return rows[0]?.found === true;
}

/** What the key has done already, or undefined. */
export async function recordedResult(client: PoolClient, key: string): Promise<Json | undefined> {
  if (!(await ledgerExists(client))) return undefined;
  const { rows } = await client.query<{ result: Json }>('select result from datamcp_ledger where key = $1', [key]);
  return rows[0]?.result;
}

/**
 * Takes the key for the open transaction, making the ledger if there is none yet. A twin that holds the key is waited for.
 * @throws AppError `conflict` (retryable) when the twin has committed: the next attempt finds its result
 */
export async function claimKey(client: PoolClient, key: string): Promise<void> {
  if (!(await ledgerExists(client))) {
    await client.query('select pg_advisory_xact_lock($1)', [creationLock]);
    await client.query(createLedger);
  }
  const { rowCount } = await client.query('insert into datamcp_ledger (key) values ($1) on conflict do nothing', [key]);
  if (rowCount === 0) throw new AppError('conflict', 'another attempt of this task has just done the same', { retryable: true });
}

/** Writes down what the claimed key did, before the commit. */
export async function recordResult(client: PoolClient, key: string, result: Json): Promise<void> {
  await client.query('update datamcp_ledger set result = $2 where key = $1', [key, JSON.stringify(result)]);
}
