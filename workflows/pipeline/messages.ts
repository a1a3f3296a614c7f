import { ApplicationFailure, CancellationScope, defineQuery, defineUpdate, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { RunActivities } from '../../activities/contract';
import { approvalEndedSignal } from '../approval/contract';
import { onSignal } from '../signals';
import { batchProgressSignal } from '../task/contract';
import {
  cancelTaskUpdate,
  childEndedSignal,
  explainQuery,
  pauseUpdate,
  resumeUpdate,
  retryTaskUpdate,
  type ControlResult,
  type ExplainAnswer,
  type ExplainRequest,
  type PauseRequest,
  type TaskRequest,
} from './contract';
import type { RunCoordinator } from './coordinator';
import { answerExplain } from './explain';
import { isApprovalEnded, isBatchProgress, isChildEnded, isPauseRequest, isTaskRequest } from './message-shape';

const { findTask } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

const refuse = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'run.not_possible');

/** Registers what a run answers to while it is open. Handlers change state and return; they never wait for work. */
export function receiveMessages(coordinator: RunCoordinator): void {
  const { state } = coordinator;
  // A handler runs in the scope of the whole workflow, whose cancel would cut off what it begins.
  const inside = CancellationScope.current();
  const onUpdate = <T>(name: string, isRequest: (value: unknown) => value is T, handler: (request: T) => ControlResult | Promise<ControlResult>): void => {
    const validator = (request: T): void => {
      if (!isRequest(request)) throw refuse(`The argument of ${name} is not what it takes`);
      if (state.isDone()) throw refuse('The run is ending');
      if (state.stopReason !== null) throw refuse('The run is being stopped');
    };
    setHandler<ControlResult, [T], UpdateDefinition<ControlResult, [T]>>(defineUpdate(name), (request) => inside.run(async () => handler(request)), { validator });
  };
  onUpdate(pauseUpdate, isPauseRequest, (request) => setPaused(coordinator, true, request));
  onUpdate(resumeUpdate, isPauseRequest, (request) => setPaused(coordinator, false, request));
  onUpdate(retryTaskUpdate, isTaskRequest, (request) => retryTask(coordinator, request));
  onUpdate(cancelTaskUpdate, isTaskRequest, (request) => cancelTask(coordinator, request));
  const onMessage = <T>(name: string, isMessage: (value: unknown) => value is T, receive: (message: T) => void): void =>
    onSignal(name, (message) => inside.run(async () => (isMessage(message) ? receive(message) : coordinator.refuseSignal(name, message))));
  onMessage(batchProgressSignal, isBatchProgress, (message) => coordinator.batches.onProgress(message));
  onMessage(childEndedSignal, isChildEnded, (message) => coordinator.children.onEnded(message, message));
  onMessage(approvalEndedSignal, isApprovalEnded, (message) => coordinator.approvals.onEnded(message, message.end));
  setHandler(defineQuery<ExplainAnswer, [ExplainRequest?]>(explainQuery), (unit) => answerExplain(coordinator, unit));
}

function setPaused(coordinator: RunCoordinator, paused: boolean, request?: PauseRequest): ControlResult {
  coordinator.setPaused(paused, request?.requestedBy);
  return { status: coordinator.state.status() };
}

async function retryTask(coordinator: RunCoordinator, { task }: TaskRequest): Promise<ControlResult> {
  const index = await indexOf(coordinator, task);
  if (!coordinator.state.retryTask(index)) throw refuse(`${task} is ${coordinator.state.statusOf(index)}: only a failed or cancelled task can be retried`);
  coordinator.wake();
  return { status: coordinator.state.statusOf(index) };
}

async function cancelTask(coordinator: RunCoordinator, { task, requestedBy: by }: TaskRequest): Promise<ControlResult> {
  const index = await indexOf(coordinator, task);
  const units = coordinator.state.cancelTask(index);
  if (units === null && coordinator.state.statusOf(index) !== 'cancelled') {
    throw refuse(`${task} has ${coordinator.state.statusOf(index)} already`);
  }
  if (units) coordinator.addRunEvent('task.cancelling', { task, generation: coordinator.state.generationOf(index), ...(by !== undefined && { by }) });
  coordinator.stopping.cancelUnits(units ?? []);
  coordinator.wake();
  return { status: coordinator.state.statusOf(index) };
}

async function indexOf({ run: { plan } }: RunCoordinator, id: string): Promise<number> {
  const index = plan.inline ? plan.inline.tasks.findIndex((task) => task.id === id) : ((await findTask(plan.hash, id)) ?? -1);
  if (index < 0) throw ApplicationFailure.nonRetryable(`The run has no task ${id}`, 'not_found');
  return index;
}
