import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { claimRequest, noteRequest, storeAnswer, type RequestIdentity, type StoredAnswer } from '../db/idempotency';
import { transaction, type PoolClient } from '../platform/postgres';
import { idempotencyKeyOf } from './headers';
import type { Call, Reply } from './route';

/** Marks an answer that was given before. */
export const replayedHeader = 'Idempotency-Replayed';

function identityOf(call: Call<unknown, unknown, unknown>, key: string): RequestIdentity {
  const { caller, request } = call;
  const asked = JSON.stringify([request.query, call.body]);
  return {
    caller: `${caller.subject.type}/${caller.name}`,
    route: `${request.method} ${canonicalPath(request.path)}`,
    key, keyName: 'Idempotency-Key',
    requestHash: createHash('sha256').update(asked).digest('hex'),
  };
}

/** One path may be written in several ways: with a slash at its end, `%2D`, a UUID in capitals. Names in these paths have small letters only. */
const canonicalPath = (path: string): string => decodeURIComponent(path).replace(/\/$/, '').toLowerCase();

/**
 * Creates something exactly once: `work` and its answer are kept in one transaction, and a request with the same
 * Idempotency-Key gets that answer again. What failed left nothing and may be tried again under the same key.
 * @param schema of the answer
 * @throws AppError `idempotency.in_flight`, `idempotency.mismatch`
 */
export async function once<S extends z.ZodType>(
  call: Call<unknown, unknown, unknown>, schema: S, work: (client: PoolClient) => Promise<Reply<z.output<S>>>,
): Promise<Reply<z.output<S>>> {
  const key = idempotencyKeyOf(call.request);
  return transaction(call.deps.pool, async (client) => {
    if (key === undefined) return work(client);
    const identity = identityOf(call, key);
    const stored = await claimRequest(client, identity);
    if (stored) return replayed(stored, schema);
    const reply = await work(client);
    await storeAnswer(client, identity, { status: reply.status, headers: reply.headers ?? {}, body: reply.body });
    return reply;
  });
}

/**
 * Does what another side knows again when it is repeated, such as an act its workflow: nothing is held meanwhile. A request
 * with the same Idempotency-Key gets the first answer again once that is there and final.
 * @param schema of the answer
 * @param isFinal whether an answer is the last word
 * @throws AppError `idempotency.mismatch`
 */
export async function repeatable<S extends z.ZodType>(
  call: Call<unknown, unknown, unknown>, schema: S, work: () => Promise<Reply<z.output<S>>>, isFinal: (reply: Reply<z.output<S>>) => boolean = ({ status }) => status === 200,
): Promise<Reply<z.output<S>>> {
  const key = idempotencyKeyOf(call.request);
  if (key === undefined) return work();
  const { pool } = call.deps;
  const identity = identityOf(call, key);
  const stored = await noteRequest(pool, identity);
  if (stored) return replayed(stored, schema);
  const reply = await work();
  if (isFinal(reply)) await storeAnswer(pool, identity, { status: reply.status, headers: reply.headers ?? {}, body: reply.body });
  return reply;
}

const replayed = <S extends z.ZodType>({ status, headers, body }: StoredAnswer, schema: S): Reply<z.output<S>> =>
  ({ status, body: schema.parse(body), headers: { ...headers, [replayedHeader]: 'true' } });
