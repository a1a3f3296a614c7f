import { ApplicationFailure, defineUpdate, proxyLocalActivities, setHandler, type CancellationScope } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { RunActivities } from '../../activities/contract';
import { onSignal } from '../signals';
import { cancelTaskUpdate, pauseUpdate, resumeUpdate, retryTaskUpdate, type ControlResult, type PauseRequest, type TaskRequest } from './contract';
import type { RunCoordinator } from './coordinator';
import { isPauseRequest, isTaskRequest, misfit } from './message-shape';

const { findTask } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

const refuse = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'run.not_possible');

type Handler<T> = (request: T) => ControlResult | Promise<ControlResult>;

/**
 * Registers what people may ask of an open run. As an update it is answered; as a signal it is not lost while no worker
 * runs, and that it did nothing is an event of the run. What comes by both ways is carried out once.
 */
export function receiveRequests(coordinator: RunCoordinator, inside: CancellationScope): void {
  const { state } = coordinator;
  const carriedOut = new Set<string>();
  const check = (): void => {
    if (state.isDone()) throw refuse('The run is ending');
    if (state.stopReason !== null) throw refuse('The run is being stopped');
  };
  const receive = <T extends PauseRequest | undefined>(name: string, isRequest: (value: unknown) => value is T, handler: Handler<T>): void => {
    const carryOut = async (request: T): Promise<ControlResult> => {
      const { id } = request ?? {};
      if (id !== undefined && carriedOut.has(id)) return { status: state.status() };
      if (id !== undefined) carriedOut.add(id);
      return handler(request);
    };
    const validator = (request: unknown): void => {
      if (!isRequest(request)) throw refuse(`The argument of ${name} is not what it takes`);
      check();
    };
    setHandler<ControlResult, [T], UpdateDefinition<ControlResult, [T]>>(defineUpdate(name), (request) => inside.run(() => carryOut(request)), { validator });
    onSignal(name, (request) => inside.run(async () => {
      if (!isRequest(request)) return coordinator.refuseSignal(name, misfit(request));
      try {
        check();
        await carryOut(request);
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
        coordinator.refuseSignal(name, error.message);
      }
    }));
  };
  receive(pauseUpdate, isPauseRequest, (request) => setPaused(coordinator, true, request));
  receive(resumeUpdate, isPauseRequest, (request) => setPaused(coordinator, false, request));
  receive(retryTaskUpdate, isTaskRequest, (request) => retryTask(coordinator, request));
  receive(cancelTaskUpdate, isTaskRequest, (request) => cancelTask(coordinator, request));
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
