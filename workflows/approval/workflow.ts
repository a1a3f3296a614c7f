import { CancellationScope, CancelledFailure, allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ApprovalInput, ApprovalResult } from './contract';
import { Alarm } from './alarm';
import { Desk } from './desk';
import { refuseApproval, resultOf, showDetails, tellEnd } from './ending';
import { Messages } from './messages';
import { openingOf } from './opening';

/** Temporal takes 2,000 updates in one history. */
const mostUpdates = 1_500;

/**
 * One request for a decision, for as long as it takes. It only puts acts in an order and waits: what they mean is for
 * `decide` to say (domain/approval).
 */
export async function approval(input: ApprovalInput): Promise<ApprovalResult> {
  const messages = new Messages();
  // A cancel is one more way to withdraw the request: recording it may not be cut off.
  const result = await CancellationScope.nonCancellable(() => carry(input, messages));
  if (messages.isCancelled && result.outcome.by === 'temporal') throw new CancelledFailure('The workflow was cancelled in Temporal');
  return result;
}

async function carry(input: ApprovalInput, messages: Messages): Promise<ApprovalResult> {
  const opened = await openingOf(input);
  if ('refused' in opened) {
    messages.close();
    await condition(allHandlersFinished);
    return refuseApproval(opened.refused, input.parent);
  }
  const alarm = new Alarm(({ type, at: due }) => desk.act((at) => ({ type, at: Math.max(at, due) }), { channel: 'clock', address: null }));
  const desk: Desk = new Desk(opened, () => {
    alarm.set(desk.state);
    showDetails(desk);
  });
  desk.begin();
  messages.openFor(desk);
  const mustRenew = (): boolean => workflowInfo().continueAsNewSuggested || messages.updates >= mostUpdates;
  await condition(() => desk.isDecided || desk.recorder.hasFailed || mustRenew());
  await settle(desk);
  if (!desk.isDecided) return renew(input, desk);
  await tellEnd(desk, input.parent);
  // Who came too late meanwhile is told so, too.
  await settle(desk);
  return resultOf(desk);
}

/** Everybody who acted has an answer, and all that happened is recorded. */
async function settle({ recorder }: Desk): Promise<void> {
  do {
    await recorder.flush();
    await condition(allHandlersFinished);
  } while (!recorder.isIdle);
}

/** Goes on in a fresh history. */
function renew({ parent }: ApprovalInput, desk: Desk): Promise<never> {
  return continueAsNew<typeof approval>({ ...(parent && { parent }), carried: desk.carried() });
}
