import { createHash, randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { actText } from '../../domain/approval/act-text';
import { decide } from '../../domain/approval/decide';
import { AppError } from '../../domain/errors';
import { findApproval, type ApprovalRow } from '../../db/approvals/approval-queries';
import { tokenLifetimeMs } from '../../platform/approval-tokens';
import { isWorkflowNotFound, updateWorkflow, type UpdateAnswer } from '../../platform/temporal';
import type { ActReply } from '../../workflows/approval/contract';
import { actOf, type AskedAct } from '../../workflows/approval/contract-acts';
import type { Dependencies } from '../dependencies';
import { refusalError, refusalOf } from './refusals';

/** By what way an act comes to the API: a word of the record. */
export type ActChannel = 'api' | 'mail' | 'inbox' | 'webhook' | 'slack';

/** An act with who asks for it. The identity has been checked already. */
export type ActCall = AskedAct & {
  approvalId: string;
  /** Name of the subject whose key or link it was. */
  person: string;
  /** Whether the person may operate what is not theirs. */
  operator: boolean;
  channel: ActChannel;
  address: string | null;
  /** Makes a repetition harmless. Without it each call is an act of its own. */
  updateId?: string;
};

/** Confirmed: it counted, or said what was so already. If not, it is carried out as soon as a worker runs. */
export type ActAnswer = UpdateAnswer<ActReply>;

type ActDependencies = Pick<Dependencies, 'pool' | 'temporal' | 'approvalTokens'>;

/**
 * Carries out an act on a request: its workflow decides, and the answer says whether it counted.
 * @throws AppError `not_found`; a code of refusals (`approval.closed`, …) when it does not count; `unavailable`
 */
export async function act(deps: ActDependencies, call: ActCall): Promise<ActAnswer> {
  const approval = await findApproval(deps.pool, call.approvalId);
  if (!approval) throw new AppError('not_found', `There is no approval ${call.approvalId}.`);
  if (approval.finishedAt) return { confirmed: true, result: lateReply(approval, call) };
  try {
    return await updateWorkflow<ActReply>(deps.temporal, approval.workflowId, call.name, credentialed(deps, call), call.updateId ?? randomUUID());
  } catch (error) {
    throw refusedBy(error, approval);
  }
}

/** The arguments with a token that is good for this act alone. */
function credentialed({ approvalTokens }: ActDependencies, { name, args, approvalId, person, operator, channel, address }: ActCall) {
  const bound = createHash('sha256').update(actText(name, { ...args })).digest('hex');
  const credential = approvalTokens.seal('act', { approval: approvalId, act: bound, person, operator, channel, address, expiresAt: Date.now() + tokenLifetimeMs.act });
  return { ...args, credential };
}

/** What the workflow would say if it had not ended. @throws AppError as `act` does */
function lateReply({ state, standing, evidenceHash }: ApprovalRow, call: ActCall): ActReply {
  const answer = decide(state, actOf(call, { by: call.person, operator: call.operator }, Date.now()));
  if (!answer.accepted) throw refusalError(answer.refusal, state.status);
  return { changed: false, status: state.status, votes: state.votes, evidenceHash, outcome: state.outcome ?? null, standing };
}

function refusedBy(error: unknown, { status }: ApprovalRow): unknown {
  if (isWorkflowNotFound(error)) return new AppError('unavailable', 'The workflow of this approval does not run yet. Try again.', { retryable: true, cause: error });
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  const refusal = cause instanceof ApplicationFailure ? refusalOf(cause) : null;
  return refusal ? refusalError(refusal, status) : error;
}
