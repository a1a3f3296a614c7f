import { ApplicationFailure, CancellationScope, defineQuery, defineSignal, defineUpdate, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { RunActivities } from '../../activities/contract';
import { approvalEndedSignal, type ApprovalEnded } from '../approval/contract';
import { batchProgressSignal, type BatchProgress } from '../task/contract';
import {
  cancelTaskUpdate,
  childEndedSignal,
  explainQuery,
  pauseUpdate,
  resumeUpdate,
  retryTaskUpdate,
  type ChildEnded,
  type ControlResult,
  type ExplainAnswer,
  type ExplainRequest,
  type PauseRequest,
  type TaskRequest,
} from './contract';
import type { RunCoordinator } from './coordinator';
import { answerExplain } from './explain';

const { findTask } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

const refuse = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'run.not_possible');

/** Registers what a run answers to while it is open. Handlers change state and return; they never wait for work. */
export function receiveMessages(coordinator: RunCoordinator): void {
  const { state } = coordinator;
  // A handler runs in the scope of the whole workflow, whose cancel would cut off what it begins.
  const inside = CancellationScope.current();
  const validator = (): void => {
    if (state.isDone()) throw refuse('The run is ending');
    if (state.stopReason !== null) throw refuse('The run is being stopped');
  };
  const onUpdate = (name: string, handler: (request: TaskRequest) => ControlResult | Promise<ControlResult>): void =>
    setHandler<ControlResult, [TaskRequest], UpdateDefinition<ControlResult, [TaskRequest]>>(defineUpdate(name), (request) => inside.run(async () => handler(request)), { validator });
  onUpdate(pauseUpdate, (request) => setPaused(coordinator, true, request));
  onUpdate(resumeUpdate, (request) => setPaused(coordinator, false, request));
  onUpdate(retryTaskUpdate, (request) => retryTask(coordinator, request));
  onUpdate(cancelTaskUpdate, (request) => cancelTask(coordinator, request));
  setHandler(defineSignal<[BatchProgress]>(batchProgressSignal), (message) => inside.run(async () => coordinator.batches.onProgress(message)));
  setHandler(defineSignal<[ChildEnded]>(childEndedSignal), (message) => inside.run(async () => coordinator.children.onEnded(message, message)));
  setHandler(defineSignal<[ApprovalEnded]>(approvalEndedSignal), (message) => inside.run(async () => coordinator.approvals.onEnded(message, message.end)));
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
