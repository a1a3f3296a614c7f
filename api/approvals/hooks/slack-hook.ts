import type { Request, Response } from 'express';
import { z } from 'zod';
import { knownPerson } from '../../../db/approvals/known-person';
import { AppError, errorCodes } from '../../../domain/errors';
import type { ApprovalWebhook } from '../../../platform/approval-webhooks';
import type { HttpClient } from '../../../platform/http';
import { isFromSlack } from '../../../platform/http-signature';
import type { Dependencies } from '../../dependencies';
import { parseJson } from '../../json-text';
import { requestState } from '../../request-state';
import { parseOrRefuse } from '../../validation';
import { act } from '../act';
import { carryOutOnce, type Sender } from './delivery';

type SlackWebhook = Extract<ApprovalWebhook, { format: 'slack' }>;

/** What Slack sends when somebody presses a button (`block_actions`), as far as it is looked at. */
const pressSchema = z.object({
  user: z.object({ id: z.string() }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
  response_url: z.url({ protocol: /^https?$/ }),
});
type Press = z.output<typeof pressSchema>;

const valueSchema = z.object({ approval: z.uuid(), evidenceHash: z.string() });
const buttons: ReadonlyMap<string, 'approve' | 'reject'> = new Map([['approve', 'approve'], ['reject', 'reject']]);
const timeoutMs = 10_000;

/**
 * A press of a button. Slack wants an answer within three seconds and shows none of it: what became of it is said to
 * whoever pressed, over the address that comes with the press.
 * @throws AppError `auth.required`, `request.invalid`
 */
export async function takePress(deps: Dependencies, http: HttpClient, webhook: SlackWebhook, request: Request, response: Response): Promise<void> {
  const body = typeof request.body === 'string' ? request.body : '';
  const signature = request.get('x-slack-signature') ?? '';
  const secret = deps.config.DATAMCP_SLACK_SIGNING_SECRET;
  if (secret === undefined || !isFromSlack({ timestamp: request.get('x-slack-request-timestamp') ?? '', signature, body }, secret, new Date())) {
    throw new AppError('auth.required', 'The request is not signed by Slack within the last five minutes, or DATAMCP_SLACK_SIGNING_SECRET is not set.');
  }
  const press = parseOrRefuse(pressSchema, parseJson(new URLSearchParams(body).get('payload') ?? ''));
  const { id: requestId, address = null } = requestState(response);
  response.status(200).end();
  const [button] = press.actions;
  // A button that is a link has been followed already.
  if (button === undefined || !buttons.has(button.action_id)) return;
  const { body: text } = await carryOutOnce(deps.pool, { webhook: webhook.name, id: signature, body, requestId }, async (updateId) => {
    const sender = { address, updateId, origin: { keyId: null, requestId } };
    return { status: 200, headers: {}, body: await outcomeOf(deps, webhook, press, sender) };
  });
  await tell(http, press.response_url, String(text), deps.stopping);
}

/** What whoever pressed is told. */
async function outcomeOf(deps: Dependencies, webhook: SlackWebhook, press: Press, sender: Sender): Promise<string> {
  try {
    const { status, standing } = await decideBy(deps, webhook, press, sender);
    return status === null ? 'Your answer has arrived, and counts as soon as the service is fully up.' : `Your answer counted. ${standing}.`;
  } catch (error) {
    if (error instanceof AppError && errorCodes[error.code] < 500) return `Your answer did not count: ${error.message}`;
    throw error;
  }
}

async function decideBy(deps: Dependencies, { users }: SlackWebhook, { user, actions: [button] }: Press, sender: Sender): Promise<{ status: string | null; standing: string }> {
  const decision = buttons.get(button?.action_id ?? '');
  const { approval: approvalId, evidenceHash } = parseOrRefuse(valueSchema, parseJson(button?.value ?? ''));
  const named = Object.hasOwn(users, user.id) ? users[user.id] : undefined;
  const person = named === undefined ? null : await knownPerson(deps.pool, named);
  if (decision === undefined || person === null) {
    throw new AppError('approval.not_allowed', `Slack's user ${user.id} is nobody who is known here. Use "Review" and the link that you are mailed, or ask an operator to enter you.`);
  }
  const answer = await act(deps, { name: 'decide', args: { decision, evidenceHash }, approvalId, person, operator: false, channel: 'slack', ...sender });
  return answer.confirmed ? answer.result : { status: null, standing: '' };
}

async function tell(http: HttpClient, address: string, text: string, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text });
  await http.request({ method: 'POST', url: new URL(address), body, headers: { 'content-type': 'application/json' }, signal, timeoutMs, maxRedirects: 0 }, () => Promise.resolve());
}
