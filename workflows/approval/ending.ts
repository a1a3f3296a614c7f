import { ApplicationFailure, getExternalWorkflowHandle, log, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import { isFinal } from '../../domain/approval/state';
import type { ApprovalParent } from '../../domain/approval/parent';
import { searchAttributes } from '../../domain/search-attributes';
import { approvalEndedSignal, type ApprovalEnded, type ApprovalResult } from './contract';
import type { Desk } from './desk';

/** Tells Temporal's own tools, and the run that asked, how a request ended that is decided and recorded. */
export async function tellEnd(desk: Desk, parent: ApprovalParent | undefined): Promise<void> {
  const result = resultOf(desk);
  upsertSearchAttributes([{ key: searchAttributes.status, value: result.status }]);
  await tellRun(parent, result);
}

/** @throws TypeError while it is open */
export function resultOf({ approvalId, state: { outcome, votes, evidence }, recorder: { head } }: Desk): ApprovalResult {
  if (!outcome) throw new TypeError('The request is open');
  return { approvalId, status: outcome.status, outcome, votes, evidenceHash: evidence.hash, head };
}

/** Ends one that was never made. @throws ApplicationFailure that says why: it is all that whoever started it sees */
export async function refuseApproval(refused: ErrorInfo, parent: ApprovalParent | undefined): Promise<never> {
  await tellRun(parent, { error: refused });
  throw ApplicationFailure.create({ type: refused.code, message: refused.message, nonRetryable: true });
}

async function tellRun(parent: ApprovalParent | undefined, end: ApprovalEnded['end']): Promise<void> {
  if (!parent) return;
  const message: ApprovalEnded = { unit: parent.unit, workflowId: workflowInfo().workflowId, end };
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(approvalEndedSignal, message)
    .catch((error: unknown) => log.info('the run that asked has ended', { error }));
}

/** How it stands, for the Temporal UI; and how it is decided there and elsewhere. */
export function showDetails({ approvalId, title, standing, state }: Desk): void {
  const how = isFinal(state) ? [] : ['', `Decide: \`datamcp approvals approve ${approvalId}\`, or send the signal \`decide\` with \`{"decision": "approve", "credential": "…"}\`.`];
  setCurrentDetails([`**${title}**`, '', standing, ...how].join('\n'));
}
