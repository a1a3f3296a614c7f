import { Client, DatabaseError, Pool, type PoolClient } from 'pg';
import { AppError } from '../domain/errors';
import { isPostgresDown } from './postgres';

const clientsPerConnection = 5;
const connectTimeoutMs = 10_000;
const endTimeoutMs = 1_000;

/** Databases that operators have named (`DATAMCP_CONNECTION_<NAME>`), so that pipelines hold neither addresses nor passwords. */
export class Connections {
  private readonly pools = new Map<string, Pool>();

  /** @param urls by lower-case name; `postgres://` is what is spoken */
  constructor(private readonly urls: Readonly<Record<string, string>>) {}

  /**
   * Lends a Postgres client for `work`, outside of a transaction. When the signal is aborted, its session is ended on
   * the server: closing the socket alone would leave a long query running there.
   * @throws AppError `connection_unknown`, `connection_failed`, `query_failed`; `signal.reason`; what `work` throws
   */
  async withPostgres<T>(name: string, signal: AbortSignal, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const url = this.urlOf(name);
    signal.throwIfAborted();
    const client = await this.poolOf(name, url).connect().catch((error: unknown) => { throw databaseFailure(error, name); });
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
      broken = false;
      return result;
    } catch (error) {
      // Where the server has answered, the session is idle and can serve others; else a statement may still be running.
      if (error instanceof DatabaseError && !signal.aborted) {
        await client.query('rollback').then(() => { broken = false; }, () => undefined);
      } else {
        // Cut first: a result that is still coming in would keep this process busy.
        client.release(true);
        released = true;
        if (session !== undefined) await endSession(url, session);
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
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    this.pools.clear();
  }

  private urlOf(name: string): string {
    const url = this.urls[name.toLowerCase()];
    if (url === undefined) {
      const known = Object.keys(this.urls).sort().join(', ') || 'none';
      throw new AppError('connection_unknown', `there is no connection "${name}" (known: ${known}); an operator adds it as DATAMCP_CONNECTION_${name.toUpperCase()}`);
    }
    if (!/^postgres(ql)?:\/\//.test(url)) {
      throw new AppError('connection_unknown', `connection "${name}" is not a postgres:// address`);
    }
    return url;
  }

  private poolOf(name: string, url: string): Pool {
    const known = this.pools.get(name.toLowerCase());
    if (known !== undefined) return known;
    const pool = new Pool({ connectionString: url, max: clientsPerConnection, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true });
    // An idle client that is lost is replaced by the next call; unheard, its error would end the process.
    pool.on('error', () => undefined);
    this.pools.set(name.toLowerCase(), pool);
    return pool;
  }
}

async function sessionOf(client: PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

/** Waits until the session is gone. Best effort: a server that cannot be reached any more ends it by itself. */
async function endSession(url: string, session: number): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: endTimeoutMs, query_timeout: 2 * endTimeoutMs });
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

function databaseFailure(error: unknown, name: string): unknown {
  if (isPostgresDown(error)) {
    return new AppError('connection_failed', `connection "${name}" cannot be reached`, { retryable: true, cause: error });
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
