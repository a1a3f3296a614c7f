import { ApplicationFailure, CancelledFailure, getExternalWorkflowHandle, log, proxyActivities, proxyLocalActivities, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import { referencesOf } from '../../domain/pipeline/expressions';
import { evaluateOutputs, type Outputs } from '../../domain/pipeline/outputs';
import { searchAttributes } from '../../domain/search-attributes';
import { childEndedSignal, runFailureType, type ChildEnded, type EndOfRun, type PipelineRunResult } from './contract';
import type { RunCoordinator } from './coordinator';
import { lastSentence } from './explain';
import { jsonLength } from './run';
import { currentDetails } from './run-report';

const stored = proxyActivities<RunActivities>({ startToCloseTimeout: '1 minute' });
const { loadDispatches } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

/**
 * Ends a run whose tasks are all final: outputs, the last facts, word to the parent.
 * @param cancelledInTemporal whether the workflow itself was asked to cancel, and so closes as cancelled
 * @throws ApplicationFailure for a run that failed or timed out, so that Temporal shows it as failed
 */
export async function endRun(coordinator: RunCoordinator, cancelledInTemporal: boolean): Promise<PipelineRunResult> {
  coordinator.clock.stop();
  const status = coordinator.state.outcome();
  const outputs = status === 'succeeded' ? await outputsOf(coordinator) : null;
  const error = coordinator.stopping.error ?? (status === 'failed' ? await errorOf(coordinator) : null);
  await writeEnd(coordinator, status, outputs, error);
  upsertSearchAttributes([{ key: searchAttributes.status, value: status }]);
  setCurrentDetails(currentDetails(coordinator.run, coordinator.state, [lastSentence(coordinator, error)]));
  await tellParent(coordinator, { status, outputs, error });
  return resultOf(coordinator.run.context.id, status, outputs, error, cancelledInTemporal);
}

/** The first failure that counts, with the name of its task, which the workflow of a large run does not hold. */
async function errorOf({ firstError, run: { plan } }: RunCoordinator): Promise<ErrorInfo | null> {
  if (firstError?.task === undefined) return firstError?.error ?? null;
  const { task, error } = firstError;
  const { id } = plan.inline?.tasks[task] ?? (await loadDispatches(plan.hash, [task]))[0] ?? { id: task };
  return { ...error, message: `${id}: ${error.message}` };
}

async function writeEnd({ projector, facts, summary, warnings, run }: RunCoordinator, status: PipelineRunResult['status'], outputs: JsonObject | null, error: ErrorInfo | null): Promise<void> {
  const finishedAt = new Date().toISOString();
  facts.addEvent(`run.${status}`, finishedAt, { status, ...(error && { error: { code: error.code, message: error.message } }) });
  await projector.end({
    ...summary(), status, finishedAt, warnings,
    ...(outputs && { outputs }), ...(error && { error }),
  }, run.hasSlot);
}

/** An output whose expression fails is null, with a warning; all together are bounded like the output of a task. */
async function outputsOf({ run, results, projector, warnings }: RunCoordinator): Promise<JsonObject | null> {
  if (!run.plan.hasOutputs) return null;
  const templates = run.plan.inline?.outputs;
  const scope = templates && results.scopeOfOutputs(referencesOf(templates).tasks);
  const made = templates && scope ? evaluateOutputs(templates, scope) : await storedOutputs(run, projector);
  warnings.push(...made.warnings);
  if (jsonLength(made.outputs) <= limits.outputBytes) return made.outputs;
  warnings.push('outputs: more than 64 KiB in all, so they are left out; save large results as artifacts');
  return null;
}

/** From what the read model holds; the facts must be there before. */
async function storedOutputs(run: RunCoordinator['run'], projector: RunCoordinator['projector']): Promise<Outputs> {
  await projector.flush();
  return stored.evaluateOutputs({ runId: run.context.id, planHash: run.plan.hash, startedAt: run.context.startedAt });
}

async function tellParent({ run: { parent } }: RunCoordinator, end: EndOfRun): Promise<void> {
  if (!parent) return;
  const message: ChildEnded = { unit: parent.unit, workflowId: workflowInfo().workflowId, ...end };
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(childEndedSignal, message)
    .catch((error: unknown) => log.info('the parent run has ended', { error }));
}

function resultOf(runId: string, status: PipelineRunResult['status'], outputs: JsonObject | null, error: ErrorInfo | null, cancelledInTemporal: boolean): PipelineRunResult {
  const result: PipelineRunResult = { runId, status, outputs };
  switch (status) {
    case 'succeeded': return result;
    case 'cancelled':
      if (cancelledInTemporal) throw new CancelledFailure(error?.message ?? 'Cancelled');
      return result;
    case 'failed':
    case 'timed_out': throw ApplicationFailure.create({
      message: error?.message ?? `The run ${status}`, type: runFailureType, nonRetryable: true, details: [result],
    });
  }
}
