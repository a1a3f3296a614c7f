import type { SealedItem } from '../../domain/approval/evidence';
import type { RecordEntry } from '../../domain/approval/record';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import type { ApprovalState, ApprovalStatus, Outcome } from '../../domain/approval/state';
import type { Queryable } from '../../platform/postgres';
import { mergedNewest, newest, newestOf, type IndexWalk } from '../newest';

/** A request as lists show it. */
export interface ApprovalSummaryRow {
  id: string;
  workflowId: string;
  /** Of a step: the run that asked. */
  runId: string | null;
  task: string | null;
  instance: number | null;
  title: string;
  requester: string;
  risk: ApprovalRequest['risk'] | null;
  evidenceHash: string;
  revision: number;
  status: ApprovalStatus;
  standing: string;
  /** The next one. */
  deadline: Date | null;
  outcome: Outcome | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface ApprovalRow extends ApprovalSummaryRow {
  request: Omit<ApprovalRequest, 'evidence'>;
  /** As of `seq`. */
  state: ApprovalState;
  /** Of the last entry of the record; 0 while the workflow has not begun. */
  seq: number;
  head: string | null;
}

const summaryColumns = `a.id, a.workflow_id as "workflowId", a.run_id as "runId", a.task, nullif(a.instance, -1) as instance, a.title, a.requester,
  a.request ->> 'risk' as risk, a.evidence_hash as "evidenceHash", a.revision, a.status, a.standing, a.deadline, a.outcome,
  a.created_at as "createdAt", a.finished_at as "finishedAt"`;

export async function findApproval(db: Queryable, id: string): Promise<ApprovalRow | undefined> {
  const { rows } = await db.query<ApprovalRow>({
    name: 'find-approval',
    text: `select ${summaryColumns}, a.request, a.state, a.seq, a.head from approvals a where a.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** What those who wait for a request look at. */
export type ApprovalProgress = Pick<ApprovalRow, 'seq' | 'finishedAt'>;

export async function findProgress(db: Queryable, id: string): Promise<ApprovalProgress | undefined> {
  const { rows } = await db.query<ApprovalProgress>({
    name: 'find-approval-progress', text: 'select seq, finished_at as "finishedAt" from approvals where id = $1', values: [id],
  });
  return rows[0];
}

export interface ApprovalFilter {
  /** Only what waits for this person. */
  awaiting?: string | undefined;
  /** Only what concerns this person. */
  concerning?: string | undefined;
  statuses?: ApprovalStatus[] | undefined;
  requester?: string | undefined;
  run?: string | undefined;
}

/** Requests older than the one with id `before`, newest first. */
export async function listApprovals(db: Queryable, filter: ApprovalFilter, page: { before?: string | undefined; limit: number }): Promise<ApprovalSummaryRow[]> {
  const { text, values } = approvalsQuery(filter, page);
  const { rows } = await db.query<ApprovalSummaryRow>(text, values);
  return rows;
}

/**
 * The statement of the list: along the index of the person whom it concerns, else of its status, else of its requester.
 * Several statuses are read one by one, and merged.
 */
function approvalsQuery(filter: ApprovalFilter, page: { before?: string | undefined; limit: number }): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const before = page.before === undefined ? undefined : parameter(page.before);
  const limit = parameter(page.limit);
  const from = ({ conditions, order }: IndexWalk, { requester, run }: Pick<ApprovalFilter, 'requester' | 'run'>, tables = 'approvals a'): string => {
    const all = [
      ...conditions,
      ...(requester === undefined ? [] : [`a.requester = ${parameter(requester)}`]),
      ...(run === undefined ? [] : [`a.run_id = ${parameter(run)}`]),
    ];
    return `select ${summaryColumns} from ${tables} ${all.length > 0 ? `where ${all.join(' and ')} ` : ''}order by ${order} limit ${limit}`;
  };
  const statuses = [...new Set(filter.statuses)];
  const person = filter.awaiting ?? filter.concerning;
  if (person !== undefined) {
    const { conditions, order } = newest('p.approval_id', before);
    const mine = [
      ...conditions, `p.person = ${parameter(person)}`, ...(filter.awaiting === undefined ? [] : ['p.awaited']),
      ...(statuses.length === 0 ? [] : [`a.status = any (${parameter(statuses)}::text[])`]),
    ];
    return { text: from({ conditions: mine, order }, filter, 'approval_people p join approvals a on a.id = p.approval_id'), values };
  }
  if (statuses.length > 0) {
    const queries = statuses.map((status) => from(newestOf('a.status', parameter(status), 'a.id', before), filter));
    return { text: mergedNewest(queries, limit), values };
  }
  if (filter.requester !== undefined) return { text: from(newestOf('a.requester', parameter(filter.requester), 'a.id', before), { run: filter.run }), values };
  return { text: from(newest('a.id', before), filter), values };
}

/** Whether a request is somebody's concern: requester, approver of any stage, delegate, or brought in by an escalation. */
export async function concerns(db: Queryable, approvalId: string, person: string): Promise<boolean> {
  const { rows } = await db.query({
    name: 'approval-concerns',
    text: 'select 1 from approval_people where approval_id = $1 and person = $2',
    values: [approvalId, person],
  });
  return rows.length > 0;
}

export interface EvidenceRow {
  hash: string;
  /** Null of what was handed in and is not what is voted on (yet). */
  revision: number | null;
  items: SealedItem[];
  createdAt: Date;
}

/** The evidence that was voted on, by revision. */
export async function listEvidence(db: Queryable, approvalId: string): Promise<EvidenceRow[]> {
  const { rows } = await db.query<EvidenceRow>({
    name: 'list-evidence',
    text: `select hash, revision, items, created_at as "createdAt" from approval_evidence where approval_id = $1 and revision is not null order by revision`,
    values: [approvalId],
  });
  return rows;
}

/** The record of a request, in order. */
export async function listRecord(db: Queryable, approvalId: string): Promise<RecordEntry[]> {
  const { rows } = await db.query<{ entry: RecordEntry }>({
    name: 'list-approval-record', text: 'select entry from approval_record where approval_id = $1 order by seq', values: [approvalId],
  });
  return rows.map(({ entry }) => entry);
}
