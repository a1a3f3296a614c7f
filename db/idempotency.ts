import { AppError } from '../domain/errors';
import type { PoolClient, Queryable } from '../platform/postgres';

/** What a request is recognised by: the same key of another caller or route is another request. */
export interface RequestIdentity {
  caller: string;
  route: string;
  key: string;
  /** What clients call the key. */
  keyName: 'Idempotency-Key' | 'webhook-id';
  /** sha256 of what was asked for, lower-case hex. */
  requestHash: string;
}

/** An answer that can be given again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  /** Any JSON. */
  body: unknown;
}

const twinPatienceMs = 2_000;
const keptFor = '7 days';
const lockNotAvailable = '55P03';

/**
 * Claims the key for the transaction of `client`, or gives the answer that the first request got.
 * A twin in flight holds the row's lock until its transaction ends: then its answer is here, or it failed, left
 * nothing, and the claim is ours. So no row is ever seen without an answer, also after a crash.
 * @throws AppError `idempotency.in_flight` when the twin takes longer than two seconds, `idempotency.mismatch` when the
 * key was used for another request
 */
export async function claimRequest(client: PoolClient, request: RequestIdentity): Promise<StoredAnswer | undefined> {
  await client.query(`set local lock_timeout = ${twinPatienceMs}`);
  const claimed = await insertClaim(client, request);
  await client.query('set local lock_timeout = 0');
  return claimed ? undefined : firstAnswer(client, request);
}

/**
 * Notes what a key is used for, where what is done is harmless to repeat and takes longer than a transaction should:
 * twins both do it, and `storeAnswer` keeps what comes of it.
 * @returns the answer that the first request got, if it is kept
 * @throws AppError `idempotency.mismatch` when the key was used for another request
 */
export async function noteRequest(db: Queryable, request: RequestIdentity): Promise<StoredAnswer | undefined> {
  return (await insertClaim(db, request)) ? undefined : firstAnswer(db, request);
}

async function firstAnswer(db: Queryable, request: RequestIdentity): Promise<StoredAnswer | undefined> {
  const { rows: [first] } = await db.query<Omit<StoredAnswer, 'status'> & { requestHash: string; status: number | null }>(
    `select request_hash as "requestHash", status, headers, body from idempotency_keys
     where caller = $1 and route = $2 and key = $3`, [request.caller, request.route, request.key]);
  if (!first) throw new AppError('idempotency.in_flight', `A request with this ${request.keyName} just ended; repeat it.`, { retryable: true });
  if (first.requestHash !== request.requestHash) {
    throw new AppError('idempotency.mismatch', `This ${request.keyName} was used for another request: use a new one.`);
  }
  return first.status === null ? undefined : { status: first.status, headers: first.headers, body: first.body };
}

async function insertClaim(db: Queryable, request: RequestIdentity): Promise<boolean> {
  try {
    const { rowCount } = await db.query(
      `insert into idempotency_keys (caller, route, key, request_hash) values ($1, $2, $3, $4)
       on conflict (caller, route, key) do update
         set request_hash = excluded.request_hash, created_at = now(), status = null
         where idempotency_keys.created_at < now() - $5::interval`,
      [request.caller, request.route, request.key, request.requestHash, keptFor]);
    return rowCount === 1;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === lockNotAvailable) {
      throw new AppError('idempotency.in_flight', `The first request with this ${request.keyName} is still being answered.`, { retryable: true });
    }
    throw error;
  }
}

/** Keeps the answer of a claimed request, in the transaction that made it true; or of a noted one. */
export async function storeAnswer(db: Queryable, request: RequestIdentity, answer: StoredAnswer): Promise<void> {
  await db.query(
    'update idempotency_keys set status = $4, headers = $5, body = $6 where caller = $1 and route = $2 and key = $3',
    [request.caller, request.route, request.key, answer.status, JSON.stringify(answer.headers), JSON.stringify(answer.body)]);
}

/** Forgets keys that are older than seven days. @returns how many */
export async function forgetOldRequests(db: Queryable): Promise<number> {
  const { rowCount } = await db.query('delete from idempotency_keys where created_at < now() - $1::interval', [keptFor]);
  return rowCount ?? 0;
}
