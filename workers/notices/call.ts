import { boundedBytes } from '../../activities/processors/bounded-body';
import { checkStatus } from '../../activities/processors/answer-status';
import type { DueNotice } from '../../db/approvals/notice-queue';
import { limits } from '../../domain/limits';
import { parseJson, type Json, type JsonObject } from '../../domain/json';
import type { ApprovalLinks } from '../../platform/approval-links';
import type { ApprovalWebhook } from '../../platform/approval-webhooks';
import type { HttpRequest, HttpClient } from '../../platform/http';
import { signatureHeaders } from '../../platform/http-signature';
import { slackMessage } from './slack-message';

const timeoutMs = 20_000;

/**
 * Tells a program of one event, under an id that is the same in each attempt.
 * @throws AppError as `HttpClient.request`, and `http_status` for any answer but 200 to 299
 */
export async function callWebhook(http: HttpClient, webhook: ApprovalWebhook & { url: string }, notice: DueNotice, links: ApprovalLinks, at: Date, signal: AbortSignal): Promise<void> {
  const { body, headers } = contentOf(webhook, notice, links, at);
  const request: HttpRequest = {
    method: 'POST', url: new URL(webhook.url), body, signal, timeoutMs,
    // What is signed is for the address that an operator wrote down, not for where that sends it.
    maxRedirects: 0,
    headers: { ...headers, 'content-type': 'application/json' },
  };
  await http.request(request, async (response) => {
    await checkStatus(response);
    await boundedBytes(response.body, limits.errorTextBytes);
  });
}

function contentOf(webhook: ApprovalWebhook, notice: DueNotice, links: ApprovalLinks, at: Date): { body: string; headers: Record<string, string> } {
  switch (webhook.format) {
    case 'slack':
      return { body: JSON.stringify(slackMessage(notice, links.door(notice.approval.id), at.getTime())), headers: {} };
    case 'generic': {
      const body = JSON.stringify(eventOf(notice, links));
      return { body, headers: signatureHeaders({ id: notice.id, at, body }, webhook.secret) };
    }
  }
}

/** What a program is told: the event by its entry in the record, and how the request stands now. */
function eventOf({ kind, entry, seq, approval }: DueNotice, links: ApprovalLinks): JsonObject {
  const { id, title, requester, request, state, standing } = approval;
  const said = Object.fromEntries(Object.entries(entry?.personal ?? {}).flatMap(([name, part]): [string, Json][] => ('value' in part && name !== 'address' ? [[name, part.value]] : [])));
  const { status, evidence, votes, outcome = null } = state;
  const now = { id, title, requester, risk: request.risk ?? null, status, standing, evidence, votes, outcome, url: links.door(id) };
  return { type: `approval.${kind}`, timestamp: new Date(entry?.at ?? 0).toISOString(), data: { seq, act: { ...entry?.body, ...said }, approval: parseJson(JSON.stringify(now)) } };
}
