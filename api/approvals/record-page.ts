import type { z } from 'zod';
import type { PersonalPart } from '../../domain/approval/record';
import { html, type Html } from '../../platform/html';
import { markdownHtml } from '../../platform/markdown';
import { itemLines } from './pages/evidence-text';
import type { recordSchema } from './schemas';

type ApprovalRecord = z.output<typeof recordSchema>;
type Entry = ApprovalRecord['entries'][number];

const style = `
  body { font: 10.5pt/1.45 system-ui, sans-serif; color: #1b1f24; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid #c9d0d8; padding: .35rem .5rem; text-align: left; vertical-align: top }
  th { white-space: nowrap; font-weight: 600 } thead { display: table-header-group } tr { break-inside: avoid }
  code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere } .soft { color: #57606a } dd { margin: 0; min-width: 0 } dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem }
  dt { font-weight: 600 } td { overflow-wrap: anywhere } td > code { display: block; min-width: 9rem } pre { font: inherit; white-space: pre-wrap; margin: 0 }
`;

/** The record as one file for reading and printing, without scripts and without anything from elsewhere. */
export function recordPage({ approval, revisions, entries, head }: ApprovalRecord, now: number): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Record: ${approval.title}</title><style>${style}</style></head>
<body><main>
<h1>${approval.title}</h1>
<p class="soft">Record of the approval <code>${approval.id}</code>, as of ${timeText(now)}</p>
<dl>
<dt>Status</dt><dd>${approval.status}: ${approval.standing}</dd>
<dt>Requested by</dt><dd>${approval.requester}, ${approval.createdAt}</dd>
${approval.run !== null && html`<dt>For</dt><dd>step <code>${approval.task}</code> of run <code>${approval.run}</code></dd>`}
${approval.risk !== null && html`<dt>Risk</dt><dd>${approval.risk}</dd>`}
<dt>Last hash</dt><dd><code>${head ?? 'nothing is recorded yet'}</code></dd>
</dl>
${approval.description !== null && html`<h2>The question</h2>${markdownHtml(approval.description)}`}
<h2>Policy, as it was when the request was made</h2>
<table><thead><tr><th>Stage</th><th>Panel</th><th>Must approve</th><th>Of</th></tr></thead><tbody>
${approval.policy.stages.map(({ name, panels }, stage) => panels.map((panel) => html`<tr><td>${stage + 1}${name !== undefined && ` (${name})`}</td><td>${panel.name}</td><td>${panel.quorum}</td><td>${panel.members.join(', ')}</td></tr>`))}
</tbody></table>
<h2>Evidence</h2>
${revisions.map(({ revision, evidenceHash, createdAt, items }) => html`<p>Revision ${revision}, ${createdAt}: <code>${evidenceHash}</code></p>
<table><tbody>${items.map((item) => html`<tr><th>${item.title}</th><td><pre>${itemLines(item).join('\n')}</pre></td><td><code>${item.sha256}</code></td></tr>`)}</tbody></table>`)}
<h2>What happened</h2>
<table><thead><tr><th>No.</th><th>When</th><th>What</th><th>Hash</th></tr></thead><tbody>${entries.map(entryRow)}</tbody></table>
<p class="soft">Each hash is over its entry and the hash before it. <code>datamcp audit verify ${approval.id}${head !== null && ` --head ${head}`}</code> finds any later change.</p>
</main></body></html>`;
  return page.text;
}

const entryRow = ({ seq, at, type, body, personal, hash }: Entry): Html => html`<tr><td>${seq}</td><td>${timeText(at)}</td><td><b>${type.replaceAll('_', ' ')}</b><dl>
${Object.entries(personal).map(([name, part]) => html`<dt>${name}</dt><dd>${partText(part)}</dd>`)}
${Object.entries(body).filter(([, value]) => value !== null).map(([name, value]) => html`<dt>${name}</dt><dd>${valueText(value)}</dd>`)}
</dl></td><td><code>${hash}</code></td></tr>`;

const partText = (part: PersonalPart): string => ('value' in part ? valueText(part.value) : 'erased');
const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const timeText = (at: number): string => new Date(at).toISOString();
