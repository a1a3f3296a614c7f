import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { AppError } from '../../domain/errors';
import { isFinalRun } from '../../domain/pipeline/status';
import { recordAudit, type Requester } from '../../db/audit';
import { findRunRow, type RunRow } from '../../db/run-queries';
import { cancelBeforeStart, requestCancel } from '../../db/runs';
import { blindStartLimitMs, isTemporalUnreachable, isWorkflowNotFound, signalWorkflow, updateWorkflow } from '../../platform/temporal';
import {
  cancelSignal, cancelTaskUpdate, pauseUpdate, resumeUpdate, retryTaskUpdate, type CancelRequest, type ControlResult,
} from '../../workflows/pipeline/contract';
import type { Dependencies } from '../dependencies';
import { waitForStatus } from '../wait';
import { startCancelled } from './dispatch';

/** Whether an action is known to have happened; if not, it will be carried out as soon as a worker runs. */
export interface ActionResult {
  confirmed: boolean;
}

const readModelPatienceMs = 2_000;

const impossible = (message: string, currentStatus: string): AppError =>
  new AppError('run.not_possible', message, { details: { currentStatus } });

/** Tells a workflow to do something. A run whose workflow does not exist (yet) cannot be told. */
async function tell<T>(run: RunRow, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (isWorkflowNotFound(error)) throw impossible(`The run is ${run.status}: its workflow is not running.`, run.status);
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) throw error;
    throw cause.type === 'not_found' ? new AppError('not_found', cause.message) : impossible(cause.message, run.status);
  }
}

/** Temporal forgets an update that no worker takes: one that is not answered in time is left as a signal, which it keeps. */
async function ask({ temporal }: Dependencies, run: RunRow, name: string, request: object): Promise<ActionResult> {
  const id = randomUUID();
  const argument = { ...request, id };
  const { confirmed } = await tell(run, () => updateWorkflow<ControlResult>(temporal, run.workflowId, name, argument, id));
  if (!confirmed) await tell(run, () => signalWorkflow(temporal, run.workflowId, name, argument));
  return { confirmed };
}

/** Pauses or resumes an open run. @throws AppError `run.not_possible` with `currentStatus` */
export async function setPaused(deps: Dependencies, run: RunRow, paused: boolean, by: Requester): Promise<ActionResult> {
  if (isFinalRun(run.status)) throw impossible(`The run is over: ${run.status}.`, run.status);
  if (paused === (run.status === 'paused')) return { confirmed: true };
  const result = await ask(deps, run, paused ? pauseUpdate : resumeUpdate, { requestedBy: by.name });
  // The workflow has done it; the caller shall see it, too.
  if (result.confirmed) await waitForStatus(deps, run.id, (status) => (status === 'paused') === paused, readModelPatienceMs);
  await recordAudit(deps.pool, by, { action: paused ? 'run.pause' : 'run.resume', target: `run/${run.id}` });
  return result;
}

/** Retries or cancels one task of an open run. @throws AppError `run.not_possible`, `not_found` */
export async function actOnTask(deps: Dependencies, run: RunRow, action: 'retry' | 'cancel', task: string, by: Requester): Promise<ActionResult> {
  if (isFinalRun(run.status)) throw impossible(`The run is over: ${run.status}. A rerun can go on from its failed tasks.`, run.status);
  const name = action === 'retry' ? retryTaskUpdate : cancelTaskUpdate;
  const result = await ask(deps, run, name, { task, requestedBy: by.name });
  await recordAudit(deps.pool, by, { action: `task.${action}`, target: `run/${run.id}`, data: { task } });
  return result;
}

/**
 * Asks an open run to end as cancelled. One that waits at the door is cancelled at once; of the others the answer says
 * only that they have been told.
 * @throws AppError `run.not_possible` when it has ended otherwise
 */
export async function cancelRun(deps: Dependencies, run: RunRow, request: { reason?: string | undefined; force: boolean }, by: Requester): Promise<ActionResult> {
  if (run.status === 'cancelled') return { confirmed: true };
  if (isFinalRun(run.status)) throw impossible(`The run is over: ${run.status}.`, run.status);
  const reason: { reason?: string } = request.reason === undefined ? {} : { reason: request.reason };
  const confirmed = await cancelBeforeStart(deps.pool, run.id, { ...reason, by: by.name });
  if (!confirmed) await cancelStarted(deps, run, { ...reason, force: request.force, requestedBy: by.name });
  else if (bornInTemporal.has(run.trigger.type)) await endWaitingWorkflow(deps, run);
  await recordAudit(deps.pool, by, { action: 'run.cancel', target: `run/${run.id}`, data: { reason: request.reason ?? null, force: request.force } });
  return { confirmed };
}

/** Runs that have a workflow before they are admitted: it waits at the door. */
const bornInTemporal: ReadonlySet<string> = new Set(['temporal', 'schedule', 'parent']);

/** The run is cancelled already; its workflow only has to stop waiting. Should this fail, its own end changes nothing. */
async function endWaitingWorkflow(deps: Dependencies, run: RunRow): Promise<void> {
  await signalWorkflow(deps.temporal, run.workflowId, cancelSignal, {})
    .catch((error: unknown) => deps.logger.warn('the workflow of a cancelled run could not be told', { runId: run.id, error }));
}

/** Tells the workflow, which is started for that if nobody has yet. While Temporal is down the request stays with the row. */
async function cancelStarted(deps: Dependencies, run: RunRow, request: CancelRequest): Promise<void> {
  const now = (await findRunRow(deps.pool, run.id)) ?? run;
  const young = now.admittedAt !== null && Date.now() - now.admittedAt.getTime() < blindStartLimitMs;
  if (now.status !== 'queued' || !young) {
    await tell(now, () => signalWorkflow(deps.temporal, now.workflowId, cancelSignal, request));
    return;
  }
  const { requestedBy: by = '', ...rest } = request;
  await requestCancel(deps.pool, now.id, { ...rest, by });
  try {
    await startCancelled(deps, now, await deps.plans.get(deps.pool, now.planHash), request);
  } catch (error) {
    if (!isTemporalUnreachable(error)) throw error;
    deps.logger.warn('a cancel could not be told now; the worker tells it when it starts the run', { runId: now.id, error });
  }
}
