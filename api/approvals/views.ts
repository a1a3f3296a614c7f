import type { z } from 'zod';
import type { SealedItem } from '../../domain/approval/evidence';
import { evidenceChanges } from '../../domain/approval/evidence-changes';
import { awaited } from '../../domain/approval/rights';
import { isFinal, type ApprovalState, type Delegation, type Outcome, type Vote } from '../../domain/approval/state';
import type { ApprovalRow, ApprovalSummaryRow, EvidenceRow } from '../../db/approvals/approval-queries';
import type { Config } from '../../platform/config';
import type { ActReply } from '../../workflows/approval/contract';
import { temporalLink } from '../runs/views';
import type { actResultSchema, approvalSchema, approvalSummarySchema, evidenceHistorySchema, outcomeSchema, shownItemSchema, voteSchema } from './schemas';

const timeText = (at: number): string => new Date(at).toISOString();
const timeOrNull = (at: number | undefined): string | null => (at === undefined ? null : timeText(at));

export const placeOf = (id: string): string => `/v1/approvals/${id}`;

export const outcomeView = ({ status, at, cause, by, comment, form }: Outcome): z.output<typeof outcomeSchema> =>
  ({ status, at: timeText(at), cause, by: by ?? null, comment: comment ?? null, form: form ?? null });

const voteView = ({ person, for: represented, choice, stage, at }: Vote): z.output<typeof voteSchema> =>
  ({ person, for: represented ?? null, choice, stage, at: timeText(at) });

const delegationView = ({ from, to, since, until }: Delegation) => ({ from, to, since: timeOrNull(since), until: timeOrNull(until) });

export const summaryView = (config: Config, row: ApprovalSummaryRow): z.output<typeof approvalSummarySchema> => ({
  id: row.id,
  title: row.title,
  status: row.status,
  standing: row.standing,
  requester: row.requester,
  risk: row.risk ?? null,
  evidenceHash: row.evidenceHash,
  revision: row.revision,
  deadline: row.deadline?.toISOString() ?? null,
  outcome: row.outcome && outcomeView(row.outcome),
  run: row.runId,
  task: row.task,
  instance: row.instance,
  createdAt: row.createdAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
  workflowId: row.workflowId,
  links: { temporal: temporalLink(config, row.workflowId), record: `${placeOf(row.id)}/record` },
});

/** One piece of evidence, with where its content is. */
function itemView(item: SealedItem): z.output<typeof shownItemSchema> {
  const id = item.artifact?.uri.replace(/^artifact:\/\//, '');
  return { ...item, ...(id !== undefined && { href: `/v1/artifacts/${id}` }) };
}

/** The revisions of what is shown, with what changed from each to the next. */
export const revisionViews = (revisions: readonly EvidenceRow[]): z.output<typeof evidenceHistorySchema>['items'] => revisions.map(({ revision, hash, createdAt, items }, index) => {
  const before = revisions[index - 1];
  const changes = before ? evidenceChanges(before.items, items).map(({ title, change }) => ({ title, change })) : [];
  return { revision: revision ?? 0, evidenceHash: hash, createdAt: createdAt.toISOString(), items: items.map(itemView), changes };
});

/** @param now milliseconds since 1970: delegations have dates */
export function approvalView(config: Config, row: ApprovalRow, items: SealedItem[], now: number): z.output<typeof approvalSchema> {
  const { state } = row;
  return {
    ...summaryView(config, row),
    description: row.request.description ?? null,
    evidence: items.map(itemView),
    form: state.form ?? null,
    policy: state.policy,
    stage: state.stage,
    votes: state.votes.map(voteView),
    awaited: isFinal(state) ? [] : awaited(state, now),
    delegations: state.delegations.map(delegationView),
    changesRequestedBy: state.changes?.by ?? null,
    reminders: isFinal(state) ? [] : remindersToCome(state),
    head: row.head,
  };
}

const remindersToCome = ({ timetable, reminded }: ApprovalState): string[] => timetable.reminders.slice(reminded).map(timeText);

/** The answer to an act that counted. */
export const actView = ({ changed, status, standing, votes, evidenceHash, outcome }: ActReply): z.output<typeof actResultSchema> =>
  ({ counted: true, changed, status, standing, votes: votes.map(voteView), evidenceHash, outcome: outcome && outcomeView(outcome) });

/** The answer to an act that is carried out later: the request as it is known now. */
export const pendingView = ({ status, standing, state, evidenceHash, outcome }: ApprovalRow): z.output<typeof actResultSchema> =>
  ({ counted: false, changed: false, status, standing, votes: state.votes.map(voteView), evidenceHash, outcome: outcome && outcomeView(outcome) });
