import { CancellationScope, defineQuery, setHandler } from '@temporalio/workflow';
import { approvalEndedSignal } from '../approval/contract';
import { onSignal } from '../signals';
import { batchProgressSignal } from '../task/contract';
import { childEndedSignal, explainQuery, type ExplainAnswer, type ExplainRequest } from './contract';
import { receiveRequests } from './control-requests';
import type { RunCoordinator } from './coordinator';
import { answerExplain } from './explain';
import { isApprovalEnded, isBatchProgress, isChildEnded, misfit } from './message-shape';

/** Registers what a run answers to while it is open. Handlers change state and return; they never wait for work. */
export function receiveMessages(coordinator: RunCoordinator): void {
  // A handler runs in the scope of the whole workflow, whose cancel would cut off what it begins.
  const inside = CancellationScope.current();
  const onMessage = <T>(name: string, isMessage: (value: unknown) => value is T, receive: (message: T) => void): void =>
    onSignal(name, (message) => inside.run(async () => (isMessage(message) ? receive(message) : coordinator.refuseSignal(name, misfit(message)))));
  onMessage(batchProgressSignal, isBatchProgress, (message) => coordinator.batches.onProgress(message));
  onMessage(childEndedSignal, isChildEnded, (message) => coordinator.children.onEnded(message, message));
  onMessage(approvalEndedSignal, isApprovalEnded, (message) => coordinator.approvals.onEnded(message, message.end));
  receiveRequests(coordinator, inside);
  setHandler(defineQuery<ExplainAnswer, [ExplainRequest?]>(explainQuery), (unit) => answerExplain(coordinator, unit));
}
