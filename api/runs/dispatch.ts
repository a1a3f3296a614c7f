import { limits } from '../../domain/limits';
import { acceptedRun, releaseClaims } from '../../db/dispatch';
import { findReused } from '../../db/rerun';
import type { RunRow } from '../../db/run-queries';
import { signalWithStart, startWorkflow } from '../../platform/temporal';
import { cancelSignal, pipelineRunType, startOptions, type CancelRequest } from '../../workflows/pipeline/contract';
import type { Dependencies } from '../dependencies';
import type { LoadedPlan } from '../pipelines/plan-cache';

/** The workflow id is that of the row: a run that was born in Temporal has one of its own making. */
async function optionsFor({ config, pool }: Dependencies, row: RunRow, { plan, bytes }: LoadedPlan) {
  const reused = row.rerunOf === null ? null : await findReused(pool, row.id);
  return { ...startOptions(acceptedRun(row, bytes < limits.inlinePlanBytes ? plan : null, reused), row.inputs, config.TEMPORAL_TASK_QUEUE), workflowId: row.workflowId };
}

/**
 * Starts the workflow of an accepted run. It never fails: the run is accepted already, and the starter in the worker
 * starts what could not be started here.
 */
export async function startSoon(deps: Dependencies, row: RunRow, loaded: LoadedPlan): Promise<void> {
  try {
    await startWorkflow(deps.temporal, pipelineRunType, await optionsFor(deps, row, loaded));
  } catch (error) {
    deps.logger.warn('a run could not be started now; the worker will start it', { runId: row.id, error });
    // Without this a starter waits until the claim of this process lapses. Perhaps it reaches what cannot be reached from here.
    await releaseClaims(deps.pool, [row.id], { wake: true }).catch(() => undefined);
  }
}

/**
 * Cancels a run whose workflow may or may not exist yet, in one call: started if it must be, and told to cancel as its
 * first message. Two calls would leave a gap into which a start by somebody else falls.
 */
export async function startCancelled(deps: Dependencies, row: RunRow, loaded: LoadedPlan, request: CancelRequest): Promise<void> {
  const options = await optionsFor(deps, row, loaded);
  await signalWithStart(deps.temporal, pipelineRunType, { ...options, signal: cancelSignal, signalArgs: [request] });
}
