import type { SealedItem } from '../../domain/approval/evidence';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import type { ApprovalState, ApprovalStatus, Outcome } from '../../domain/approval/state';
import type { Queryable } from '../../platform/postgres';

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

const summaryColumns = `id, workflow_id as "workflowId", run_id as "runId", task, nullif(instance, -1) as instance, title, requester, request ->> 'risk' as risk,
  evidence_hash as "evidenceHash", revision, status, standing, deadline, outcome, created_at as "createdAt", finished_at as "finishedAt"`;

export async function findApproval(db: Queryable, id: string): Promise<ApprovalRow | undefined> {
  const { rows } = await db.query<ApprovalRow>({
    name: 'find-approval',
    text: `select ${summaryColumns}, request, state, seq, head from approvals where id = $1`,
    values: [id],
  });
  return rows[0];
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
