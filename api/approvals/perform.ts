import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { actText } from '../../domain/approval/act-text';
import { AppError, errorCodes } from '../../domain/errors';
import type { AskedAct } from '../../workflows/approval/contract-acts';
import { idempotencyKeyOf } from '../headers';
import { repeatable } from '../idempotency';
import { mayUse } from '../roles';
import type { Call, Reply } from '../route';
import { visibleApproval } from './access';
import { act } from './act';
import { actResultSchema } from './schemas';
import { actView, pendingView, placeOf } from './views';
import { waitForEntry } from './wait';

type AnyCall = Call<unknown, unknown, unknown>;
type ActResult = z.output<typeof actResultSchema>;

/**
 * Answers a call that asks for an act, once for each Idempotency-Key.
 * @param asked what is done; it may have to be made ready
 * @throws AppError as `act` does; `idempotency.mismatch`
 */
export const perform = (call: AnyCall, id: string, asked: () => AskedAct | Promise<AskedAct>): Promise<Reply<ActResult>> =>
  repeatable(call, actResultSchema, () => carryOut(call, id, asked));

/**
 * Carries out an act for whoever calls: 200 when it counted, or says what is so already; 202 with the place to look when
 * no worker answers in time.
 * @throws AppError as `act` does; `not_found`, whatever is wrong, for whom the request does not exist
 */
export async function carryOut(call: AnyCall, id: string, asked: () => AskedAct | Promise<AskedAct>): Promise<Reply<ActResult>> {
  try {
    return await answerTo(call, id, await asked());
  } catch (error) {
    // Each refusal says that there is something to refuse.
    if (error instanceof AppError && errorCodes[error.code] < 500) await visibleApproval(call, id);
    throw error;
  }
}

async function answerTo(call: AnyCall, id: string, asked: AskedAct): Promise<Reply<ActResult>> {
  const { deps, caller, by: { address, keyId, requestId } } = call;
  const operator = mayUse(caller.roles, 'operator');
  const answer = await act(deps, { ...asked, approvalId: id, person: caller.name, operator, channel: 'api', address, origin: { keyId, requestId }, updateId: updateIdOf(call, id, asked) });
  const headers = { Location: placeOf(id) };
  if (!answer.confirmed) return { status: 202, body: pendingView(await visibleApproval(call, id)), headers };
  await waitForEntry(deps, id, answer.result.seq);
  return { status: 200, body: actView(answer.result), headers };
}

/** The same Idempotency-Key of the same caller is the same act, for the workflow, too. */
function updateIdOf({ caller, request }: AnyCall, id: string, { name, args }: AskedAct): string | undefined {
  const key = idempotencyKeyOf(request);
  if (key === undefined) return undefined;
  return createHash('sha256').update(JSON.stringify([caller.subject.type, caller.name, key, id, actText(name, { ...args })])).digest('hex');
}
