import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { JsonObject } from '../../domain/json';
import { searchAttributes } from '../../domain/search-attributes';
import type { OnReject } from '../../domain/approval/step-end';
import type { ErrorInfo } from '../../domain/errors';
import type { AcceptedRun, ParentRun } from '../../domain/pipeline/run';
import type { Explanation } from '../../domain/pipeline/explain';
import type { RunSnapshot, Unit, UnitPhase } from '../../domain/pipeline/run-state';

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
  /** Set on a child run: whom to tell how it ended. */
  parent?: ParentRun;
  /** Set by continue-as-new only. */
  carried?: CarriedRun;
}

/** Why a run fails. */
export interface RunError {
  error: ErrorInfo;
  /** Number of the task that failed; absent when the run may not run at all. */
  task?: number;
}

/** What a run keeps over a continue-as-new: states and references, never outputs (they are in the read model). */
export interface CarriedRun {
  state: RunSnapshot;
  startedAt: string;
  seq: number;
  /** Time of the run's clock that is used up, in milliseconds. */
  elapsedMs: number;
  warnings: string[];
  firstError: RunError | null;
  stopMessage: string | null;
  /** Since when it is paused, RFC 3339, and by whom. */
  pause?: { since: string; by: string | null };
  batches: CarriedBatch[];
  nextBatch: number;
  /** Open durable waits, by the time of their end in milliseconds since the epoch. */
  waits: { unit: Unit; untilMs: number }[];
  children: StepChild[];
  /** Absent in histories of before there were approvals. */
  approvals?: CarriedApprovalStep[];
}
/** A workflow of its own that a step waits for. */
export interface StepChild {
  unit: Unit;
  workflowId: string;
}
/** A step that waits for a decision. */
export interface CarriedApprovalStep extends StepChild {
  title: string;
  onReject: OnReject;
}
export interface CarriedBatch {
  workflowId: string;
  units: [task: number, instance: number][];
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
    priority: { priorityKey: accepted.priority },
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

// Messages. Signals carry what must not be lost while no worker runs, updates what the caller wants confirmed.
export const cancelSignal = 'cancel';
// Each of these is a signal of the same name, too: Temporal forgets an update that no worker takes.
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
export interface PauseRequest {
  requestedBy?: string;
  /** The same of the update and the signal of one request, which is carried out once. */
  id?: string;
}
export interface TaskRequest extends PauseRequest {
  task: string;
}
/** Argument of the query `explain`; without one only the run is explained. */
export type ExplainRequest = Unit;
/** What only the workflow knows. */
export interface ExplainAnswer {
  run: Explanation;
  unit: UnitPlace | null;
}
export interface UnitPlace {
  phase: UnitPhase;
  /** Of the batch that it was handed to. */
  batch: string | null;
  /** End of its durable timer, RFC 3339. */
  until: string | null;
  /** What is in flight of what it waits for room in: its `forEach`, or the run. */
  inFlight: number;
}

/** Answer of an update: whether it did something, or why not. Repeating it is harmless. */
export interface ControlResult {
  status: string;
}

/** Sent by whoever admits a run that waits at the door: its workflow may exist already, or be started by this. */
export const admittedSignal = 'admitted';

/** Sent by a child run to its parent. */
export const childEndedSignal = 'childEnded';
export interface ChildEnded extends EndOfRun {
  unit: Unit;
  /** Of the child: a step that was retried waits for another one. Absent in messages of older versions. */
  workflowId?: string;
}
export interface EndOfRun {
  status: PipelineRunResult['status'];
  outputs: JsonObject | null;
  error: ErrorInfo | null;
}

/** Failure type of the workflow of a run that did not succeed, so that the Temporal UI shows it as failed. */
export const runFailureType = 'run_failed';
