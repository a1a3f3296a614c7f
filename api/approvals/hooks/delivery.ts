import { createHash } from 'node:crypto';
import { noteRequest, storeAnswer, type RequestIdentity, type StoredAnswer } from '../../../db/idempotency';
import { AppError, errorCodes } from '../../../domain/errors';
import type { Queryable } from '../../../platform/postgres';
import { replayedHeader } from '../../idempotency';
import { problemBody } from '../../problem';
import type { ActCall } from '../act';

/** One delivery of a program, known by its id. */
export interface Delivery {
  webhook: string;
  id: string;
  body: string;
  requestId: string;
}

/** What an act of a delivery bears of it. */
export type Sender = Pick<ActCall, 'address' | 'origin' | 'updateId'>;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Carries out what a delivery asks for once: the same delivery again, by its sender or by somebody who overheard it,
 * gets the same answer and does nothing, also when that was a refusal.
 * @param work what it asks for, under an id for its act: of twins at the same moment the workflow does one
 * @throws AppError what is not an answer (5xx); `idempotency.mismatch` for another body under the same id
 */
export async function carryOutOnce(db: Queryable, { webhook, id, body, requestId }: Delivery, work: (updateId: string) => Promise<StoredAnswer>): Promise<StoredAnswer> {
  const identity: RequestIdentity = { caller: `webhook/${webhook}`, route: 'POST /v1/hooks/approvals', key: id, keyName: 'webhook-id', requestHash: sha256(body) };
  const stored = await noteRequest(db, identity);
  if (stored) return { ...stored, headers: { ...stored.headers, [replayedHeader]: 'true' } };
  const answer = await work(sha256(JSON.stringify([identity.caller, id]))).catch((error: unknown) => refusalAnswer(error, requestId));
  await storeAnswer(db, identity, answer);
  return answer;
}

function refusalAnswer(error: unknown, requestId: string): StoredAnswer {
  if (!(error instanceof AppError) || errorCodes[error.code] >= 500) throw error;
  return { status: errorCodes[error.code], headers: { 'Content-Type': 'application/problem+json' }, body: problemBody(error, requestId) };
}
