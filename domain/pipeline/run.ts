import type { ErrorInfo } from '../errors';
import type { Json, JsonObject } from '../json';
import type { Plan } from './plan';
import type { ReusedResults } from './rerun/reuse-marks';
import type { Unit } from './run-state';
import type { RunProgress, RunStatus, TaskStatus } from './status';

/** How a run came to be: `{type: "api"}`, `{type: "schedule", name}`, `{type: "temporal"}`, `{type: "parent"}`. */
export interface RunTrigger {
  type: 'api' | 'cli' | 'schedule' | 'webhook' | 'run' | 'parent' | 'temporal' | 'rerun';
  name?: string;
}

/** What expressions see as `run`, and what every activity of the run is told. */
export interface RunContext {
  id: string;
  pipeline: string;
  version: number;
  /** RFC 3339, UTC. */
  startedAt: string;
  scheduledAt: string | null;
  trigger: RunTrigger;
  requestedBy: string;
}

/** What the row of an accepted run says, so that the workflow need not ask Postgres before its first task. */
export interface AcceptedRun {
  run: Omit<RunContext, 'startedAt'>;
  planHash: string;
  /** Present when it is under `limits.inlinePlanBytes`; else it is loaded by `planHash`. */
  plan?: Plan;
  /** Whether it holds a slot of its pipeline's `concurrency`, which its end gives to the next one. */
  hasSlot: boolean;
  priority: number;
  /** Of a rerun that does not carry out everything. */
  reused?: ReusedResults;
}

/** The run that started another one as its step. */
export interface ParentRun {
  runId: string;
  workflowId: string;
  task: string;
  unit: Unit;
  /** 1 for the child of a run that nobody started as a child. */
  depth: number;
}

/** A run as everyone sees it (docs/http-api.md); times are RFC 3339 in UTC. */
export interface RunView {
  id: string;
  pipeline: string;
  version: number;
  status: RunStatus;
  inputs: JsonObject;
  outputs: JsonObject | null;
  labels: Record<string, string>;
  priority: number;
  trigger: RunTrigger;
  requestedBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  progress: RunProgress;
  error: ErrorInfo | null;
  warnings: string[];
  rerunOf: string | null;
  parentRun: string | null;
  workflowId: string;
  links: { temporal: string | null; console: string | null };
}

export interface TaskView {
  id: string;
  /** Item number of a `forEach` instance, else null. */
  instance: number | null;
  uses: string;
  status: TaskStatus;
  attempt: number;
  generation: number;
  startedAt: string | null;
  finishedAt: string | null;
  needs: string[];
  output: Json;
  error: ErrorInfo | null;
  progress: { percent: number; message?: string } | null;
  waitingFor: string | null;
  /** While it waits for its next attempt: `waitingFor` is `retry` then, and `error` that of the last one. */
  nextAttemptAt: string | null;
  /** The run that gave the result, if that is an earlier one. */
  reusedFrom: string | null;
}
