import type { Response } from 'express';
import { listApprovals } from '../../../db/approvals/approval-queries';
import { ApprovalLinks } from '../../../platform/approval-links';
import type { Dependencies } from '../../dependencies';
import { sendMessage, sendPage } from './guard';
import { inboxPage } from './inbox-page';
import { messages } from './message-page';
import { hasUsableKey } from '../../../db/approvals/known-person';

const most = 25;

/** What waits for the person of a link. Each request is opened by a link that is made for it. */
export async function showInbox(deps: Dependencies, token: string, response: Response): Promise<void> {
  const now = Date.now();
  const opened = deps.approvalTokens.open('inbox', token, now);
  if (!opened) return sendMessage(response, deps.approvalTokens.open('inbox', token, 0) ? messages.expiredInbox : messages.unknownLink);
  const { person } = opened;
  if (!(await hasUsableKey(deps.pool, person))) return sendMessage(response, messages.lostClaim);
  const links = new ApprovalLinks(deps.config, deps.approvalTokens);
  const rows = await listApprovals(deps.pool, { awaiting: person, statuses: ['open', 'changes_requested'] }, { limit: most + 1 });
  const items = rows.slice(0, most).map((row) => ({ ...row, link: links.review({ approval: row.id, person, evidenceHash: row.evidenceHash, channel: 'inbox' }, now) }));
  sendPage(response, 200, inboxPage(person, items, rows.length > most));
}
