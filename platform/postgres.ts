import { isNativeError } from 'node:util/types';
import { Pool, types, type PoolClient } from 'pg';
import type { Config } from './config';
import type { Logger } from './logger';
import { PostgresClient } from './postgres-client';

export type { Pool, PoolClient };

/** Whatever can run a query: a pool, or the client of an open transaction. */
export type Queryable = Pick<Pool, 'query'>;

const int8 = 20;

/** Postgres sends 64-bit integers as text, because they may not fit a double; ours (sequence numbers, sizes, counts) do. */
const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) => {
    if (oid === int8) return Number;
    // Its typings say `any`; what it gives is this.
    return types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
  },
};

export interface PoolOptions {
  /** Gives up on a query after this time in milliseconds; without it a query may take as long as it needs. */
  queryTimeoutMs?: number;
}

/**
 * JSON for a parameter. Postgres cannot read NUL and halves of surrogate pairs out of JSON; a poison string of one task
 * must not stop the batch that it is in, so they become the replacement character.
 */
export const jsonParameter = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/gi, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));

/** Connections to Postgres of one process. A connection lost while idle is logged and replaced, it does not end the process. */
export function makePool(
  config: Pick<Config, 'DATABASE_URL' | 'DATAMCP_DATABASE_POOL'>, logger: Logger, options: PoolOptions = {},
): Pool {
  const pool = new Pool({
    Client: PostgresClient,
    connectionString: config.DATABASE_URL,
    max: config.DATAMCP_DATABASE_POOL,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types: typeParsers,
    ...(options.queryTimeoutMs !== undefined && { query_timeout: options.queryTimeoutMs, statement_timeout: options.queryTimeoutMs }),
  });
  pool.on('error', (error) => logger.warn('an idle Postgres connection was lost', { error }));
  return pool;
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
 * A connection that cannot even roll back is thrown away.
 */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A server that goes away between two queries is an event; unheard, it would end the process.
  const onError = (error: Error): void => { broken = error; };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => { broken = failure; });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOENT',
]);
/** Shut down, crashed, starting up, too many connections (Postgres manual, appendix A); class 08 is the connection itself. */
const serverCodes: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300']);
const lostConnection = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** Whether the error says that Postgres cannot be reached now, as opposed to a query that is wrong. */
export function isPostgresDown(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isPostgresDown);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return networkCodes.has(code) || serverCodes.has(code) || code.startsWith('08') || lostConnection.test(error.message);
}

/** No room on its disk, no memory, or a standby that takes no writes (after a failover). */
const uselessCodes: ReadonlySet<string> = new Set(['53100', '53200', '25006']);

/** Whether our own Postgres can do nothing for us now: what we ask of it is right, and will be done when it is well again. */
export const isPostgresAway = (error: unknown): boolean =>
  isPostgresDown(error) || (isNativeError(error) && 'code' in error && typeof error.code === 'string' && uselessCodes.has(error.code));

export interface ListenOptions {
  channel: string;
  onMessage(payload: string): void;
  /** Called each time that listening begins (again): what was said before was not heard, so look for yourself. */
  onListening(): void;
}

export interface Listening {
  close(): Promise<void>;
}

const firstRetryMs = 200;
const longestRetryMs = 5_000;

/** Listens on a channel (LISTEN/NOTIFY) over a connection of its own, which is made again for as long as it takes. */
export function listen(config: Pick<Config, 'DATABASE_URL'>, logger: Logger, options: ListenOptions): Listening {
  let client: PostgresClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let retryMs = firstRetryMs;

  const retry = (lost: PostgresClient, error?: Error): void => {
    if (closed || lost !== client) return;
    client = undefined;
    logger.warn('listening to Postgres was interrupted', { channel: options.channel, retryMs, error });
    void lost.end().catch(() => undefined);
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  };
  const connect = (): void => {
    const fresh = new PostgresClient({ connectionString: config.DATABASE_URL, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client = fresh;
    fresh.on('error', (error) => retry(fresh, error));
    fresh.on('end', () => retry(fresh));
    fresh.on('notification', (message) => options.onMessage(message.payload ?? ''));
    fresh.connect()
      .then(() => fresh.query(`listen ${fresh.escapeIdentifier(options.channel)}`))
      .then(() => {
        retryMs = firstRetryMs;
        options.onListening();
      })
      .catch((error: Error) => retry(fresh, error));
  };

  connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
