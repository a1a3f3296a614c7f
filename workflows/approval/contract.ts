import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { ApprovalParent } from '../../domain/approval/parent';
import type { ApprovalState, Choice, FinalStatus, Outcome, Vote } from '../../domain/approval/state';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import type { Unit } from '../../domain/pipeline/run-state';
import { searchAttributes } from '../../domain/search-attributes';

/** Name of the workflow type that carries one request for a decision. */
export const approvalType = 'approval';

/** Of a request by API. */
export const approvalWorkflowId = (id: string): string => `approval/${id}`;

/** Of a step; the instance is `-` for a task without `forEach`. */
export const stepApprovalWorkflowId = (runId: string, task: string, instance: number, generation: number): string =>
  `approval/${runId}/${task}/${instance < 0 ? '-' : instance}/${generation}`;

/** A request whose row exists (`approvalId`, by the API), or one that is to be opened (a step, or the Temporal CLI). */
export interface ApprovalInput {
  approvalId?: string;
  /** As in the body of `POST /v1/approvals`. */
  request?: JsonObject;
  parent?: ApprovalParent;
  /** Set by continue-as-new only. */
  carried?: CarriedApproval;
}

/** What a request keeps over a continue-as-new. */
export interface CarriedApproval {
  approvalId: string;
  title: string;
  state: ApprovalState;
  /** Of the last entry that the record has. */
  seq: number;
  /** Marks of the tokens for one act that have been used. */
  used?: string[];
}

/** Options that start the workflow of an accepted request; the same request started twice is started once. */
export function approvalStartOptions(approval: { id: string; title: string; requester: string; workflowId: string }, taskQueue: string) {
  const input: ApprovalInput = { approvalId: approval.id };
  return {
    workflowId: approval.workflowId,
    taskQueue,
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${approval.title.slice(0, 150)} by ${approval.requester}`,
    typedSearchAttributes: approvalAttributes(approval.requester),
  };
}

export const approvalAttributes = (requester: string): TypedSearchAttributes => new TypedSearchAttributes([
  { key: searchAttributes.kind, value: 'approval' },
  { key: searchAttributes.status, value: 'waiting' },
  { key: searchAttributes.requester, value: requester },
]);

// Acts. Each is an update, and a signal of the same name for those who have nothing else (the Temporal UI and CLI).

/**
 * Who acts, as they can prove it: a token (platform/approval-tokens.ts), made by the API for one act or by
 * `datamcp approvals credential` for a person at Temporal's own tools, or an API key.
 */
interface Proved {
  credential?: string;
  /** Without a credential, where an installation for development trusts signals (`DATAMCP_TRUST_SIGNALS`). */
  by?: string;
}
/** What was before the person's eyes. */
interface OnEvidence { evidenceHash?: string }

/** By the name of the update and signal. Times are RFC 3339. */
export interface ActArguments {
  decide: Proved & OnEvidence & { decision: Choice; comment?: string; form?: JsonObject; /** Whose vote it is, of those who delegated. */ for?: string };
  comment: Proved & { comment: string };
  requestChanges: Proved & OnEvidence & { comment: string };
  /** The evidence itself is stored before, by the API. */
  resubmit: Proved & { evidenceHash: string; comment?: string };
  revoke: Proved;
  delegate: Proved & { /** Null takes the delegation back. */ to: string | null; since?: string; until?: string };
  withdraw: Proved & { comment?: string };
  remind: Proved;
  escalate: Proved;
}
export type ActName = keyof ActArguments;
export const actNames = ['decide', 'comment', 'requestChanges', 'resubmit', 'revoke', 'delegate', 'withdraw', 'remind', 'escalate'] as const satisfies readonly ActName[];

/**
 * Answer to an act that counted, or that said what was so already. One that does not count fails the update: its type is the
 * code of the refusal (domain/approval/refusal.ts), its first detail the refusal itself.
 */
export interface ActReply {
  /** False when it said what was so already. */
  changed: boolean;
  status: ApprovalState['status'];
  votes: Vote[];
  evidenceHash: string;
  outcome: Outcome | null;
  /** How the request stands, in one sentence. */
  standing: string;
  /** Of the last entry of the record that came of it: the row shows it once it has this entry. */
  seq: number;
}

/** Signal of the run that asked: it has ended, or its step was cancelled. */
export const runEndedSignal = 'runEnded';

/** Query: how the request stands, as an `ActReply`; null before it is known. */
export const standingQuery = 'standing';

/** What the workflow returns, for those who read it in Temporal. */
export interface ApprovalResult {
  approvalId: string;
  status: FinalStatus;
  outcome: Outcome;
  votes: Vote[];
  evidenceHash: string;
  /** Hash of the last entry of the record: with it, missing entries show. */
  head: string;
}

/** Sent to the run that asked. */
export const approvalEndedSignal = 'approvalEnded';
export interface ApprovalEnded {
  unit: Unit;
  workflowId: string;
  /** Or why there was none. */
  end: ApprovalResult | { error: ErrorInfo };
}
/** Told in place of a request whose workflow was ended from outside. */
export const terminated = (unit: Unit, workflowId: string, message: string): ApprovalEnded => ({ unit, workflowId, end: { error: { code: 'terminated', message, retryable: false } } });
