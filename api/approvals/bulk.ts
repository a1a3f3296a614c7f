import type { z } from 'zod';
import { errorCodes, type AppError } from '../../domain/errors';
import { repeatable } from '../idempotency';
import type { Call, Reply } from '../route';
import { problemBody, toAppError } from '../problem';
import { carryOut } from './perform';
import { bulkResultSchema, type bulkDecisionsSchema } from './schemas';

type BulkCall = Call<unknown, unknown, z.output<typeof bulkDecisionsSchema>>;
type BulkResults = z.output<typeof bulkResultSchema>;
type BulkResult = BulkResults['results'][number];

const atOnce = 10;

/** Decides many requests. Each is answered for itself: one that refuses does not keep the others from being decided. */
export const decideMany = (call: BulkCall): Promise<Reply<BulkResults>> => repeatable(
  call, bulkResultSchema, async () => ({ status: 200, body: await decideAll(call) }), ({ body }) => body.results.every(({ httpStatus }) => httpStatus !== 202 && httpStatus < 500));

async function decideAll(call: BulkCall): Promise<BulkResults> {
  const { decisions } = call.body;
  const results: BulkResult[] = [];
  for (let from = 0; from < decisions.length; from += atOnce) {
    results.push(...await Promise.all(decisions.slice(from, from + atOnce).map(({ id, ...args }) => decideOne(call, id, args))));
  }
  return { results };
}

type Decision = Omit<BulkCall['body']['decisions'][number], 'id'>;

async function decideOne(call: BulkCall, id: string, args: Decision): Promise<BulkResult> {
  try {
    const { status, body } = await carryOut(call, id, () => ({ name: 'decide', args }));
    return { id, httpStatus: status, result: body, problem: null };
  } catch (thrown) {
    const error: AppError = toAppError(thrown);
    if (errorCodes[error.code] >= 500) call.log.error('an approval of several could not be decided', { approvalId: id, error: error.cause ?? error });
    return { id, httpStatus: errorCodes[error.code], result: null, problem: problemBody(error, call.by.requestId) };
  }
}
