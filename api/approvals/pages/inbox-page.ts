import type { ApprovalSummaryRow } from '../../../db/approvals/approval-queries';
import { html } from '../../../platform/html';
import { longestStanding } from './answers';
import { documentHtml } from './document';
import { excerpt } from './evidence-html';

/** What waits for one person, each with a link of its own. @param more whether there are more than are shown */
export function inboxPage(person: string, items: (ApprovalSummaryRow & { link: string })[], more: boolean): string {
  const count = items.length === 0 ? 'Nothing waits for you' : `${items.length}${more ? ' and more' : ''} ${items.length === 1 ? 'waits' : 'wait'} for you`;
  return documentHtml(count, html`<header><p>Approvals · ${person}</p><h1>${count}</h1></header>
${items.length > 0 && html`<section aria-label="Waiting">${items.map(({ title, requester, risk, standing, link }) => html`<div class="item"><h2><a href="${link}">${title}</a></h2>
<p class="soft">Requested by ${requester}${risk && ` · risk ${risk}`}</p><p>${excerpt(standing, longestStanding)}.</p></div>`)}</section>`}`);
}
