import { isNativeError } from 'node:util/types';
import { DatabaseError, Pool, type ClientConfig, type PoolClient } from 'pg';
import { AppError, errorMessage } from '../domain/errors';
import { postgresOptions, type ConnectionSettings } from './connection-settings';
import { isPostgresDown } from './postgres';
import { PostgresClient } from './postgres-client';
import type { Secrets } from './secrets';

const clientsPerConnection = 5;
const connectTimeoutMs = 10_000;
const endTimeoutMs = 1_000;

/** Where connections are kept that are not in the configuration. */
export interface ConnectionDirectory {
  find(name: string): Promise<ConnectionSettings | undefined>;
  names(): Promise<string[]>;
}

interface Target {
  options: ClientConfig;
  /** Changes when the connection leads elsewhere. */
  place: string;
}

/**
 * Servers that operators have named, so that pipelines hold neither addresses nor passwords: those of the configuration
 * (`DATAMCP_CONNECTION_<NAME>`), then those that were made over the API.
 */
export class Connections {
  private readonly pools = new Map<string, { pool: Pool; place: string }>();

  /** @param urls by lower-case name; `postgres://` is what is spoken */
  constructor(
    private readonly urls: Readonly<Record<string, string>>,
    private readonly further?: { stored: ConnectionDirectory; secrets: Pick<Secrets, 'value'> },
  ) {}

  /**
   * Lends a Postgres client for `work`, outside of a transaction. When the signal is aborted, its session is ended on
   * the server: closing the socket alone would leave a long query running there.
   * @throws AppError `connection_unknown`, `connection_failed`, `query_failed`, `secret_missing`; `signal.reason`; what `work` throws
   */
  async withPostgres<T>(name: string, signal: AbortSignal, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const target = await this.targetOf(name);
    signal.throwIfAborted();
    const client = await this.poolOf(name, target).connect().catch((error: unknown) => { throw connectFailure(error, name); });
    const ended = new AbortController();
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject);
      signal.addEventListener('abort', () => reject(new AppError('cancelled', 'told to stop')), { signal: ended.signal });
    });
    let session: number | undefined;
    let broken = true;
    let released = false;
    try {
      session = await Promise.race([sessionOf(client), lost]);
      const result = await Promise.race([work(client), lost]);
      broken = !(await isCleared(client));
      return result;
    } catch (error) {
      // Where the server has answered, the session is idle and can serve others; else a statement may still be running.
      if (error instanceof DatabaseError && !signal.aborted) {
        broken = !(await client.query('rollback').then(() => isCleared(client), () => false));
      } else {
        // Cut first: a result that is still coming in would keep this process busy.
        client.release(true);
        released = true;
        if (session !== undefined) await endSession(target.options, session);
      }
      signal.throwIfAborted();
      throw databaseFailure(error, name);
    } finally {
      ended.abort();
      if (!released) {
        client.removeAllListeners('error');
        client.release(broken);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map(({ pool }) => pool.end()));
    this.pools.clear();
  }

  private async targetOf(name: string): Promise<Target> {
    const url = this.urls[name.toLowerCase()];
    if (url !== undefined) {
      if (!/^postgres(ql)?:\/\//.test(url)) throw new AppError('connection_unknown', `connection "${name}" is not a postgres:// address`);
      return { options: { connectionString: url }, place: url };
    }
    const settings = await this.further?.stored.find(name.toLowerCase());
    if (this.further === undefined || settings === undefined) throw await this.unknown(name);
    return { options: postgresOptions(settings, this.further.secrets), place: JSON.stringify(settings) };
  }

  private async unknown(name: string): Promise<AppError> {
    const known = [...new Set([...Object.keys(this.urls), ...(await this.further?.stored.names()) ?? []])].sort().join(', ') || 'none';
    return new AppError('connection_unknown', `there is no connection "${name}" (known: ${known}); an operator adds it over the API or as DATAMCP_CONNECTION_${name.toUpperCase()}`);
  }

  private poolOf(name: string, { options, place }: Target): Pool {
    const known = this.pools.get(name.toLowerCase());
    if (known?.place === place) return known.pool;
    // Whoever works on the old server may finish there.
    known?.pool.end().catch(() => undefined);
    const pool = new Pool({ ...options, Client: PostgresClient, max: clientsPerConnection, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true });
    // An idle client that is lost is replaced by the next call; unheard, its error would end the process.
    pool.on('error', () => undefined);
    this.pools.set(name.toLowerCase(), { pool, place });
    return pool;
  }
}

async function sessionOf(client: PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

/** Whether what a statement has left in its session (settings, locks, temporary tables) is gone: the next task gets it as new. */
const isCleared = (client: PoolClient): Promise<boolean> => client.query('discard all').then(() => true, () => false);

/** Waits until the session is gone. Best effort: a server that cannot be reached any more ends it by itself. */
async function endSession(options: ClientConfig, session: number): Promise<void> {
  const client = new PostgresClient({ ...options, connectionTimeoutMillis: endTimeoutMs, query_timeout: 2 * endTimeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_terminate_backend($1, $2)', [session, endTimeoutMs]);
  } catch {
    return;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATEs after which the same statement may succeed: serialisation, deadlock, resources, lock and statement time-outs (Postgres manual, appendix A). */
const passingStates = /^(40001|40P01|53...|55P03|57014|58...)$/;
const refusedStates = /^(28...|3D000)$/;

/** Postgres calls it a violation of the protocol when a statement is given too many parameters, or too few. */
const isParameterFault = (error: unknown): boolean => error instanceof DatabaseError && error.code === '08P01' && error.message.startsWith('bind message');

/** What a failed connect means. No text of it holds the password: neither Postgres nor TLS repeats it. */
function connectFailure(error: unknown, name: string): unknown {
  if (error instanceof AppError) return new AppError(error.code, `connection "${name}": ${error.message}`, { retryable: error.retryable, cause: error });
  if (isPostgresDown(error) || error instanceof DatabaseError) return databaseFailure(error, name);
  // TLS that one side does not speak or trust, a URL that holds nonsense: waiting does not mend it.
  return new AppError('connection_failed', `connection "${name}" is refused: ${errorMessage(error)}`, { cause: error });
}

/** In a word: addresses are for operators. */
function outage(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  return 'code' in error && typeof error.code === 'string' && !(error instanceof DatabaseError) ? error.code : error.message;
}

function databaseFailure(error: unknown, name: string): unknown {
  if (isPostgresDown(error) && !isParameterFault(error)) {
    return new AppError('connection_failed', `connection "${name}" cannot be reached: ${outage(error)}`, { retryable: true, cause: error });
  }
  if (!(error instanceof DatabaseError)) return error;
  const state = error.code ?? '';
  const text = [error.message, error.detail, error.hint].filter(Boolean).join('. ');
  if (refusedStates.test(state)) return new AppError('connection_failed', `connection "${name}" is refused: ${text}`, { cause: error });
  return new AppError('query_failed', text, {
    retryable: passingStates.test(state),
    details: { sqlState: state, ...(error.position === undefined ? {} : { position: Number(error.position) }) },
    cause: error,
  });
}
