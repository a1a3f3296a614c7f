import { createHash, randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { actText } from '../../domain/approval/act-text';
import { decide } from '../../domain/approval/decide';
import type { ActOrigin } from '../../domain/approval/recorded-act';
import { AppError } from '../../domain/errors';
import { findApproval, type ApprovalRow } from '../../db/approvals/approval-queries';
import { hasUsableKey } from '../../db/approvals/known-person';
import { entitled } from '../../db/approvals/people';
import { tokenLifetimeMs } from '../../platform/approval-tokens';
import type { Queryable } from '../../platform/postgres';
import { blindStartLimitMs, isWorkflowNotFound, signalWorkflow, updateWorkflow, type UpdateAnswer } from '../../platform/temporal';
import type { ActReply } from '../../workflows/approval/contract';
import { actOf, type AskedAct } from '../../workflows/approval/contract-acts';
import type { Dependencies } from '../dependencies';
import { startApproval } from './dispatch';
import { refusalError, refusalOf } from './refusals';
import { inTurn } from './turns';

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
  /** For the audit. */
  origin: ActOrigin;
  /** Makes a repetition harmless. Without it each call is an act of its own. */
  updateId?: string;
};

/** Confirmed: it counted, or said what was so already. If not, it is carried out as soon as a worker runs. */
export type ActAnswer = UpdateAnswer<ActReply>;

export type ActDependencies = Pick<Dependencies, 'config' | 'pool' | 'temporal' | 'approvalTokens'>;

/** An act meets a workflow that has just ended, continues as new, or has not been started: how often it is tried. */
const attempts = 4;

/**
 * Carries out an act on a request: its workflow decides, and the answer says whether it counted.
 * @throws AppError `not_found`; a code of refusals (`approval.closed`, …) when it does not count; `unavailable`
 */
export async function act(deps: ActDependencies, call: ActCall): Promise<ActAnswer> {
  const updateId = call.updateId ?? randomUUID();
  for (let attempt = 1; ; attempt++) {
    const approval = await inTurn('look', looksAtOnce, () => look(deps.pool, call));
    if (approval.finishedAt) return { confirmed: true, result: lateReply(approval, call) };
    try {
      return await send(deps, approval, call, updateId);
    } catch (error) {
      if (!isGap(error)) throw refusedBy(error, approval);
      if (attempt === attempts) throw new AppError('unavailable', 'The workflow of this approval is not running. Try again.', { retryable: true, cause: error });
      if (isNew(approval)) await startApproval(deps, approval);
    }
  }
}

/** A thousand acts at once wait here for Postgres, not for a connection, which is given up on after some seconds. */
const looksAtOnce = 20;

/** The request, for somebody who may still act on it. @throws AppError `not_found`, `approval.not_allowed`, `approval.delegation_invalid` */
async function look(db: Queryable, call: ActCall): Promise<ApprovalRow> {
  const approval = await requireApproval(db, call.approvalId);
  if (!approval.finishedAt) await requireClaim(db, approval, call.person);
  if (call.name === 'delegate' && call.args.to !== null) await requireDelegate(db, approval, call, call.args.to);
  return approval;
}

/** @throws AppError `not_found` */
export async function requireApproval(db: Queryable, id: string): Promise<ApprovalRow> {
  const row = await findApproval(db, id);
  if (!row) throw new AppError('not_found', `There is no approval ${id}.`);
  return row;
}

async function requireClaim(db: Queryable, approval: ApprovalRow, person: string): Promise<void> {
  if (await entitled(db, approval, person, Date.now())) return;
  throw new AppError('approval.not_allowed', 'The role or group by which this was yours to decide is not yours any more.');
}

/** A name that is misspelt would lend the vote to nobody. Who may not delegate at all does not learn who is known here. */
async function requireDelegate(db: Queryable, { state }: ApprovalRow, call: ActCall, to: string): Promise<void> {
  const { accepted } = decide(state, actOf(call, { by: call.person, operator: call.operator }, Date.now()));
  if (accepted && !(await hasUsableKey(db, to))) throw new AppError('approval.delegation_invalid', `Nobody called "${to}" has a key that can be used: see how the name is written.`);
}

/** Updates of one workflow that the server takes at a time are ten; a few are left to other processes. */
const updatesAtOnce = 8;
/** A little less than an update waits for its answer: while no worker runs, nobody waits twice. */
const turnPatienceMs = 4_500;

/**
 * Temporal forgets an update that no worker takes and nobody waits for: one that is not answered in time is left as a
 * signal, which it keeps. The workflow knows both for the same act.
 */
async function send(deps: ActDependencies, { workflowId }: ApprovalRow, call: ActCall, updateId: string): Promise<ActAnswer> {
  const argument = credentialed(deps, call, updateId);
  const answer = await inTurn(workflowId, updatesAtOnce, () => updateWorkflow<ActReply>(deps.temporal, workflowId, call.name, argument, updateId), turnPatienceMs);
  if (answer?.confirmed) return answer;
  await signalWorkflow(deps.temporal, workflowId, call.name, argument);
  return { confirmed: false };
}

/** Long enough to tell acts on one request apart, short enough for a workflow to keep a thousand of them. */
const markLength = 16;

/** The arguments with a token that is good for this act alone. */
function credentialed({ approvalTokens }: ActDependencies, { name, args, approvalId, person, operator, channel, address, origin }: ActCall, updateId: string): object {
  const bound = createHash('sha256').update(actText(name, { ...args })).digest('hex');
  const credential = approvalTokens.seal('act', { approval: approvalId, act: bound, person, operator, channel, address, ...origin, mark: updateId.slice(0, markLength), expiresAt: Date.now() + tokenLifetimeMs.act });
  return { ...args, credential };
}

/** What the workflow would say if it had not ended. @throws AppError as `act` does */
function lateReply({ state, standing, evidenceHash, seq }: ApprovalRow, call: ActCall): ActReply {
  const answer = decide(state, actOf(call, { by: call.person, operator: call.operator }, Date.now()));
  if (!answer.accepted) throw refusalError(answer.refusal, state.status);
  return { changed: false, status: state.status, votes: state.votes, evidenceHash, outcome: state.outcome ?? null, standing, seq };
}

/** Whether no workflow answered: it had just ended, or went on as another. The row says whether it has ended. */
const isGap = (error: unknown): boolean => isWorkflowNotFound(error) || (error instanceof WorkflowUpdateFailedError && refusalOf(error) === null);

/** One that was accepted long ago is not started blindly: its first workflow may be past the namespace's retention. */
const isNew = ({ seq, createdAt }: ApprovalRow): boolean => seq === 0 && Date.now() - createdAt.getTime() < blindStartLimitMs;

function refusedBy(error: unknown, { status }: ApprovalRow): unknown {
  const refusal = error instanceof WorkflowUpdateFailedError ? refusalOf(error) : null;
  return refusal ? refusalError(refusal, status) : error;
}
