import type { DueNotice } from '../../db/approvals/notice-queue';
import { canonicalJson } from '../../domain/canonical-json';
import type { Json, JsonObject } from '../../domain/json';
import { deadlineText, storyOf } from './story';

/**
 * A message in Slack's Block Kit. Its buttons decide for whoever presses them, so they are there only where one press
 * says all that is asked; `Review` leads everybody to the page.
 */
export function slackMessage(notice: DueNotice, door: string, now: number): JsonObject {
  const { kind, approval } = notice;
  const { title, requester, request, state, standing } = approval;
  const { headline, lead, comment, asks } = storyOf(notice, now);
  const deadline = deadlineText(state);
  const facts = [`Requested by ${requester}`, ...(request.risk === undefined ? [] : [`Risk: ${request.risk}`]), ...(deadline === null ? [] : [`Until ${deadline}`]), standing];
  return {
    text: `${headline}: ${escaped(title)}`,
    blocks: [
      section(`*${headline}: ${escaped(title)}*\n${escaped(roomLead(kind, requester) ?? lead)}`),
      ...(comment === null ? [] : [section(escaped(comment.slice(0, 2_000)).split('\n').map((line) => `> ${line}`).join('\n'))]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: facts.map(escaped).join('  ·  ') }] },
      { type: 'actions', elements: [...(asks && state.status === 'open' ? decisions(approval) : []), { type: 'button', action_id: 'review', text: label('Review'), url: door }] },
    ],
  };
}

/** A room is not one person: it is not asked for its own decision. */
const roomLead = (kind: DueNotice['kind'], requester: string): string | null => (kind === 'request' || kind === 'escalated' ? `${requester} asks for a decision.` : null);

function decisions({ id, request, state }: DueNotice['approval']): Json[] {
  if ((request.form?.required ?? []).length > 0) return [];
  const value = canonicalJson({ approval: id, evidenceHash: state.evidence.hash });
  const approve = { type: 'button', action_id: 'approve', style: 'primary', text: label('Approve'), value };
  const reject = { type: 'button', action_id: 'reject', style: 'danger', text: label('Reject'), value };
  return state.policy.rejectionNeedsComment ? [approve] : [approve, reject];
}

const section = (text: string): JsonObject => ({ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3_000) } });
const label = (text: string): JsonObject => ({ type: 'plain_text', text });

/** The three signs that mean something in Slack's mrkdwn: what people wrote mentions nobody and links nowhere. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
