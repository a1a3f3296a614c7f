import { utf8Bytes } from '../bytes';
import type { ErrorInfo } from '../errors';
import type { JsonObject } from '../json';
import { limits } from '../limits';
import type { FinalStatus, Outcome, Vote } from './state';

/** How a request of a step ended, as its workflow tells. */
export interface EndedRequest {
  approvalId: string;
  status: FinalStatus;
  outcome: Outcome;
  votes: Vote[];
  evidenceHash: string;
}

/** What a step makes of a rejection, or of a deadline without a decision: a failure, or its output. */
export const onRejects = ['fail', 'continue'] as const;
export type OnReject = (typeof onRejects)[number];

/** Decisions that the output of a step knows. */
export const stepDecisions = ['approved', 'rejected', 'expired'] as const;

export type StepEnd = { outcome: 'succeeded'; output: JsonObject } | { outcome: 'failed'; error: ErrorInfo } | { outcome: 'cancelled' };

/** What the decision of a request means for the step that asked for it. */
export function stepEnd(request: EndedRequest, onReject: OnReject): StepEnd {
  const { status, outcome } = request;
  switch (status) {
    case 'approved':
      return { outcome: 'succeeded', output: outputOf(request, status) };
    case 'rejected':
    case 'expired':
      return onReject === 'continue' ? { outcome: 'succeeded', output: outputOf(request, status) } : failed(request, `approval_${status}`);
    case 'withdrawn':
      // Nobody withdrew it: the run did, because the step is cancelled.
      return outcome.cause === 'withdrawal' && outcome.by === undefined ? { outcome: 'cancelled' } : failed(request, 'approval_withdrawn');
  }
}

function outputOf({ approvalId, outcome, votes, evidenceHash }: EndedRequest, decision: (typeof stepDecisions)[number]): JsonObject {
  const output = {
    decision, by: outcome.by ?? null, at: timeOf(outcome.at), comment: outcome.comment ?? null, form: outcome.form ?? {}, evidenceHash, id: approvalId,
  };
  return { ...output, votes: fitting(votes.map(viewOf), limits.outputBytes - bytesOf({ ...output, votes: [] })) };
}

const viewOf = ({ person, for: represented, choice, stage, at }: Vote): JsonObject =>
  ({ person, ...(represented !== undefined && { for: represented }), choice, stage, at: timeOf(at) });

/** The first of them: those of 500 people with long names are too much for the output of a task. */
function fitting(votes: JsonObject[], mostBytes: number): JsonObject[] {
  let bytes = 0;
  return votes.filter((vote) => (bytes += bytesOf(vote) + 1) <= mostBytes);
}

const bytesOf = (value: JsonObject): number => utf8Bytes(JSON.stringify(value));

/** What of a comment goes into an error; the record has the whole. */
const longestComment = 1_000;

function failed({ approvalId, outcome, evidenceHash }: EndedRequest, code: 'approval_rejected' | 'approval_expired' | 'approval_withdrawn'): StepEnd {
  const { by = null, comment } = outcome;
  const message = `${endText(outcome)}${comment === undefined ? '' : `: ${comment.slice(0, longestComment)}`}`;
  return { outcome: 'failed', error: { code, message, retryable: false, details: { approval: approvalId, by, at: timeOf(outcome.at), evidenceHash } } };
}

function endText({ status, cause, by }: Outcome): string {
  switch (cause) {
    case 'vote': return `Rejected by ${by}`;
    case 'deadline': return status === 'expired' ? 'Nobody decided before the deadline' : `${status === 'rejected' ? 'Rejected' : 'Withdrawn'} by its deadline`;
    case 'withdrawal': return `Withdrawn by ${by}`;
  }
}

const timeOf = (at: number): string => new Date(at).toISOString();
