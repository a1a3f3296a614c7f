import type { Request, Response } from 'express';
import { z } from 'zod';
import { knownPerson } from '../../../db/approvals/known-person';
import type { StoredAnswer } from '../../../db/idempotency';
import { choices } from '../../../domain/approval/state';
import { AppError } from '../../../domain/errors';
import type { ApprovalWebhook } from '../../../platform/approval-webhooks';
import { isGenuine } from '../../../platform/http-signature';
import type { Dependencies } from '../../dependencies';
import { refuseHarmfulJson } from '../../json-guard';
import { parseJson } from '../../json-text';
import { requestState } from '../../request-state';
import { jsonObject } from '../../runs/schemas';
import { parseOrRefuse } from '../../validation';
import { act, requireApproval } from '../act';
import { actView, pendingView } from '../views';
import { carryOutOnce, type Sender } from './delivery';

export const hookDecisionSchema = z.strictObject({
  approval: z.uuid(),
  person: z.string().min(1).max(320).describe('a name or a mail address'),
  decision: z.enum(choices),
  comment: z.string().optional(),
  form: jsonObject.optional(),
  evidenceHash: z.string().optional(),
}).meta({ id: 'ApprovalHookDecision' });

const idPattern = /^[\x21-\x7e]{1,255}$/;

/** A decision that a program brings, for a person whom it vouches for: whoever knows its secret decides for everybody. */
export async function takeDelivery(deps: Dependencies, webhook: Extract<ApprovalWebhook, { format: 'generic' }>, request: Request, response: Response): Promise<void> {
  const body = typeof request.body === 'string' ? request.body : '';
  const delivery = { id: request.get('webhook-id') ?? '', timestamp: request.get('webhook-timestamp') ?? '', signature: request.get('webhook-signature') ?? '', body };
  if (!idPattern.test(delivery.id) || !isGenuine(delivery, webhook.secret, new Date())) {
    throw new AppError('auth.required', 'The delivery is not signed with the secret of this webhook, as Standard Webhooks has it, within the last five minutes.');
  }
  const { id: requestId, address = null } = requestState(response);
  const answer = await carryOutOnce(deps.pool, { webhook: webhook.name, id: delivery.id, body, requestId }, (updateId) => decideFor(deps, body, { address, updateId, origin: { keyId: null, requestId } }));
  response.status(answer.status).set(answer.headers).send(JSON.stringify(answer.body));
}

async function decideFor(deps: Dependencies, text: string, sender: Sender): Promise<StoredAnswer> {
  const value = parseJson(text);
  refuseHarmfulJson(value);
  const { approval: approvalId, person: named, ...args } = parseOrRefuse(hookDecisionSchema, value);
  const person = await knownPerson(deps.pool, named);
  if (person === null) throw new AppError('approval.not_allowed', `There is nobody here who is called "${named}" or has that mail address, with a key that can be used.`);
  const answer = await act(deps, { name: 'decide', args, approvalId, person, operator: false, channel: 'webhook', ...sender });
  const headers = { 'Content-Type': 'application/json' };
  if (answer.confirmed) return { status: 200, headers, body: actView(answer.result) };
  return { status: 202, headers, body: pendingView(await requireApproval(deps.pool, approvalId)) };
}
