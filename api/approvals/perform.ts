import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { recordAudit } from '../../db/audit';
import { actText } from '../../domain/approval/act-text';
import { actOf, type AskedAct } from '../../workflows/approval/contract-acts';
import { idempotencyKeyOf } from '../headers';
import { mayUse } from '../roles';
import type { Call, Reply } from '../route';
import { act, requireApproval } from './act';
import type { actResultSchema } from './schemas';
import { actView, pendingView, placeOf } from './views';
import { waitForEntry } from './wait';

type AnyCall = Pick<Call<unknown, unknown, unknown>, 'deps' | 'caller' | 'by' | 'request'>;
type ActResult = z.input<typeof actResultSchema>;

/**
 * Carries out an act for whoever calls, and puts it into the audit: 200 when it counted, or says what is so already;
 * 202 with the place to look when no worker answers in time.
 * @throws AppError as `act` does
 */
export async function perform(call: AnyCall, id: string, asked: AskedAct): Promise<Reply<ActResult>> {
  const { deps, caller, by } = call;
  const operator = mayUse(caller.roles, 'operator');
  const answer = await act(deps, { ...asked, approvalId: id, person: caller.name, operator, channel: 'api', address: by.address, updateId: updateIdOf(call, id, asked) });
  const { type } = actOf(asked, { by: caller.name, operator }, 0);
  if (!answer.confirmed || answer.result.changed) await recordAudit(deps.pool, by, { action: `approval.${type}`, target: `approval/${id}` });
  const headers = { Location: placeOf(id) };
  if (!answer.confirmed) return { status: 202, body: pendingView(await requireApproval(deps.pool, id)), headers };
  await waitForEntry(deps, id, answer.result.seq);
  return { status: 200, body: actView(answer.result), headers };
}

/** The same Idempotency-Key of the same caller is the same act; with other arguments it is another. */
function updateIdOf({ caller, request }: AnyCall, id: string, { name, args }: AskedAct): string | undefined {
  const key = idempotencyKeyOf(request);
  if (key === undefined) return undefined;
  return createHash('sha256').update(JSON.stringify([caller.subject.type, caller.name, key, id, actText(name, { ...args })])).digest('hex');
}
