import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { claimRequest, storeAnswer, type RequestIdentity } from '../db/idempotency';
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
    route: `${request.method} ${request.path}`,
    key,
    requestHash: createHash('sha256').update(asked).digest('hex'),
  };
}

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
    if (stored) return { status: stored.status, body: schema.parse(stored.body), headers: { ...stored.headers, [replayedHeader]: 'true' } };
    const reply = await work(client);
    await storeAnswer(client, identity, { status: reply.status, headers: reply.headers ?? {}, body: reply.body });
    return reply;
  });
}
