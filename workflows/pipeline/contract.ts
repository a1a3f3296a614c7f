import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { JsonObject } from '../../domain/json';
import { searchAttributes } from '../../domain/search-attributes';
import type { Plan } from '../../domain/pipeline/plan';
import type { RunContext, RunTrigger } from '../../domain/pipeline/run';

/** Name of the workflow type that coordinates one run. */
export const pipelineRunType = 'pipelineRun';

export const runWorkflowId = (pipeline: string, runId: string): string => `run/${pipeline}/${runId}`;

/**
 * The whole contract of a run that is born in Temporal (a Schedule, the Temporal CLI or UI): `pipeline`, and
 * optionally `version` and `inputs`. The API adds `accepted`, because its run has passed the door already.
 */
export interface PipelineRunInput {
  pipeline: string;
  version?: number;
  inputs?: JsonObject;
  accepted?: AcceptedRun;
}

/** What the run's row says, so that the workflow need not ask Postgres before its first task. */
export interface AcceptedRun {
  run: Omit<RunContext, 'startedAt'>;
  planHash: string;
  /** Present when it is under `limits.inlinePlanBytes`; else it is loaded by `planHash`. */
  plan?: Plan;
  priority: number;
  labels?: Record<string, string>;
}

/** Options that start the workflow of an accepted run; the same run started twice is started once. */
export function startOptions(accepted: AcceptedRun, inputs: JsonObject, taskQueue: string) {
  const { run } = accepted;
  const input: PipelineRunInput = { pipeline: run.pipeline, version: run.version, inputs, accepted };
  return {
    workflowId: runWorkflowId(run.pipeline, run.id),
    taskQueue,
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `${run.pipeline} v${run.version} by ${run.requestedBy}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.pipeline, value: run.pipeline },
      { key: searchAttributes.version, value: run.version },
      { key: searchAttributes.kind, value: 'run' },
      { key: searchAttributes.status, value: 'running' },
      { key: searchAttributes.trigger, value: run.trigger.type },
      { key: searchAttributes.requester, value: run.requestedBy },
    ]),
  };
}

/** What the workflow of a run returns, for those who read it in Temporal. */
export interface PipelineRunResult {
  runId: string;
  status: 'succeeded' | 'failed' | 'cancelled' | 'timed_out';
  outputs: JsonObject | null;
}

// Messages: signals carry what must not be lost while no worker runs, updates what the caller wants confirmed.
export const cancelSignal = 'cancel';
export const pauseUpdate = 'pause';
export const resumeUpdate = 'resume';
export const cancelTaskUpdate = 'cancelTask';
export const retryTaskUpdate = 'retryTask';
export const explainQuery = 'explain';

export interface CancelRequest {
  reason?: string;
  /** Skips the tasks with `always()`. */
  force?: boolean;
  requestedBy?: string;
}
export interface TaskRequest {
  task: string;
  requestedBy?: string;
}
/** Answer of an update: whether it did something, or why not. Repeating it is harmless. */
export interface ControlResult {
  status: string;
}

export type { RunTrigger };
