import type { ApprovalStatus } from '../domain/approval/state';
import type { Output, Paint } from './output';
import type { Column } from './table';
import { oneLine, safeText } from './text';
import { humanAge } from './time';
import type { ApprovalSummaryView, ApprovalView } from './wire';

export const approvalPath = (id: string): string => `/v1/approvals/${encodeURIComponent(id)}`;

export function paintApproval(status: ApprovalStatus, text: string, paint: Paint): string {
  switch (status) {
    case 'approved':
      return paint.green(text);
    case 'rejected':
    case 'expired':
      return paint.red(text);
    case 'open':
      return paint.cyan(text);
    case 'changes_requested':
    case 'withdrawn':
      return paint.yellow(text);
  }
}

export const approvalColumns = ({ paint, nowMs }: Output): Column<ApprovalSummaryView>[] => [
  { title: 'APPROVAL', value: ({ id }) => id },
  { title: 'STATUS', value: ({ status }) => status, paint: (text, { status }) => paintApproval(status, text, paint) },
  { title: 'TITLE', value: ({ title }) => title, paint: paint.bold, flexible: true },
  { title: 'BY', value: ({ requester }) => requester, flexible: true },
  { title: 'MADE', value: ({ createdAt }) => humanAge(createdAt, nowMs()) },
  { title: 'STANDING', value: ({ standing }) => standing, flexible: true },
];

/** An approval for people: the question, the evidence, who decides, and how it stands. */
export function approvalLines(output: Output, approval: ApprovalView): string[] {
  const { paint } = output;
  return [
    `${paint.bold(oneLine(approval.title))}  ${paintApproval(approval.status, approval.status, paint)}`,
    ...output.fields(fieldsOf(output, approval)),
    ...(approval.description === null ? [] : ['', safeText(approval.description)]),
    ...(approval.evidence.length === 0 ? [] : ['', ...output.tableLines(evidenceColumns(output), approval.evidence)]),
    '',
    ...(approval.votes.length === 0 ? [paint.dim('Nobody has voted.')] : output.tableLines(voteColumns(output), approval.votes)),
  ];
}

function fieldsOf(output: Output, approval: ApprovalView): [string, string | null][] {
  const { policy, stage, outcome } = approval;
  const panels = (policy.stages[stage]?.panels ?? []).map(({ name, quorum, members }) => `${quorum} of ${name} (${members.length})`);
  return [
    ['id', approval.id],
    ['standing', oneLine(approval.standing)],
    ['requester', oneLine(approval.requester)],
    ['for', approval.run && `step ${approval.task} of run ${approval.run}`],
    ['risk', approval.risk],
    ['decides', oneLine(panels.join(', '))],
    ['waits for', oneLine(namesText(approval.awaited))],
    ['deadline', approval.deadline && `${approval.deadline} (${humanAge(approval.deadline, output.nowMs())})`],
    ['comment', outcome?.comment ? oneLine(outcome.comment) : null],
    ['form', formText(approval)],
    ['evidence', `${approval.evidenceHash.slice(0, 12)} (revision ${approval.revision})`],
  ];
}

const mostNames = 8;
const namesText = (names: string[]): string => (names.length <= mostNames ? names.join(', ') : `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`);

/** What was filled in, or what is to be. */
function formText({ form, outcome }: ApprovalView): string | null {
  if (outcome?.form) return oneLine(JSON.stringify(outcome.form));
  const required = new Set(form?.required);
  return form && Object.entries(form.properties).map(([name, { type }]) => `${name}: ${type}${required.has(name) ? '' : '?'}`).join(', ');
}

type Item = ApprovalView['evidence'][number];

const evidenceColumns = ({ paint }: Output): Column<Item>[] => [
  { title: 'EVIDENCE', value: ({ title }) => title, paint: paint.bold, flexible: true },
  { title: 'WHAT', value: contentOf, flexible: true },
  { title: 'SHA-256', value: ({ sha256 }) => sha256.slice(0, 12) },
];

function contentOf({ url, artifact, href, text, diff, table, chart }: Item): string {
  if (url !== undefined) return url;
  if (artifact) return `${artifact.name} (${href})`;
  if (table) return `a table of ${table.rows.length} rows`;
  if (chart) return `a chart of ${chart.series.map(({ name }) => name).join(', ')}`;
  return text ?? diff ?? '';
}

type Vote = ApprovalView['votes'][number];

const voteColumns = ({ nowMs }: Output): Column<Vote>[] => [
  { title: 'WHO', value: (vote) => (vote.for === null ? vote.person : `${vote.person} for ${vote.for}`) },
  { title: 'VOTE', value: ({ choice }) => choice },
  { title: 'WHEN', value: ({ at }) => humanAge(at, nowMs()) },
];
