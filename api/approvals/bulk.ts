import type { z } from 'zod';
import { errorCodes, type AppError } from '../../domain/errors';
import { idempotencyKeyOf } from '../headers';
import type { Call } from '../route';
import { problemBody, toAppError } from '../problem';
import { perform } from './perform';
import type { bulkDecisionsSchema, bulkResultSchema } from './schemas';

type BulkCall = Call<unknown, unknown, z.output<typeof bulkDecisionsSchema>>;
type BulkResult = z.input<typeof bulkResultSchema>['results'][number];

const atOnce = 10;

/** Decides many requests. Each is answered for itself: one that refuses does not keep the others from being decided. */
export async function decideMany(call: BulkCall): Promise<z.input<typeof bulkResultSchema>> {
  const { decisions } = call.body;
  // One that is wrong is a fault of the whole request.
  idempotencyKeyOf(call.request);
  const results: BulkResult[] = [];
  for (let from = 0; from < decisions.length; from += atOnce) {
    results.push(...await Promise.all(decisions.slice(from, from + atOnce).map(({ id, ...args }) => decideOne(call, id, args))));
  }
  return { results };
}

type Decision = Omit<BulkCall['body']['decisions'][number], 'id'>;

async function decideOne(call: BulkCall, id: string, args: Decision): Promise<BulkResult> {
  try {
    const { status, body } = await perform(call, id, { name: 'decide', args });
    return { id, httpStatus: status, result: body, problem: null };
  } catch (thrown) {
    const error: AppError = toAppError(thrown);
    if (errorCodes[error.code] >= 500) call.log.error('an approval of several could not be decided', { approvalId: id, error: error.cause ?? error });
    return { id, httpStatus: errorCodes[error.code], result: null, problem: problemBody(error, call.by.requestId) };
  }
}
