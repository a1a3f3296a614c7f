import { createHash } from 'node:crypto';
import { claimRequest, storeAnswer, type StoredAnswer } from '../../../db/idempotency';
import { AppError, errorCodes } from '../../../domain/errors';
import { transaction, type Pool } from '../../../platform/postgres';
import { replayedHeader } from '../../idempotency';
import { problemBody } from '../../problem';
import { inTurn } from '../turns';

/** One delivery of a program, known by its id. */
export interface Delivery {
  webhook: string;
  id: string;
  body: string;
  requestId: string;
}

/**
 * Carries out what a delivery asks for once: the same delivery again, by its sender or by somebody who overheard it,
 * gets the same answer and does nothing, also when that was a refusal.
 * @throws AppError what is not an answer (5xx); `idempotency.mismatch` for another body under the same id
 */
export async function carryOutOnce(pool: Pool, { webhook, id, body, requestId }: Delivery, work: () => Promise<StoredAnswer>): Promise<StoredAnswer> {
  const identity = { caller: `webhook/${webhook}`, route: 'POST /v1/hooks/approvals', key: id, requestHash: createHash('sha256').update(body).digest('hex') };
  return inTurn('deliveries', () => transaction(pool, async (client) => {
    const stored = await claimRequest(client, identity);
    if (stored) return { ...stored, headers: { ...stored.headers, [replayedHeader]: 'true' } };
    const answer = await work().catch((error: unknown) => refusalAnswer(error, requestId));
    await storeAnswer(client, identity, answer);
    return answer;
  }), atOnce);
}

/** Each holds a connection for as long as its work takes, which needs others: all connections held are all calls stopped. */
const atOnce = 3;

function refusalAnswer(error: unknown, requestId: string): StoredAnswer {
  if (!(error instanceof AppError) || errorCodes[error.code] >= 500) throw error;
  return { status: errorCodes[error.code], headers: { 'Content-Type': 'application/problem+json' }, body: problemBody(error, requestId) };
}
