import type { Json, JsonObject } from '../json';
import type { RunContext } from './run';

/** Which unit of a run an activity is asked to carry out. */
export interface UnitRef {
  id: string;
  /** Item number of a `forEach` instance, -1 for the task itself. */
  instance: number;
  generation: number;
}

/** What expressions may read of another task. */
export interface TaskResultView {
  output: Json;
  status: string;
  error: { code: string; message: string } | null;
}

/** The input of every task's activity. Its type is the processor's name, so that histories read well. */
export interface TaskInput {
  unit: UnitRef;
  /** Everything that the task reads travels with it: nothing waits for Postgres. */
  inline?: InlineTask;
  /** What it reads is too much to travel, and is loaded by the activity. */
  stored?: StoredTask;
}

export interface InlineTask {
  run: RunContext;
  with: JsonObject;
  /** Present if `with` reads them. */
  inputs?: JsonObject;
  tasks?: Record<string, TaskResultView>;
  item?: { as: string; value: Json };
}

export interface StoredTask {
  runId: string;
  planHash: string;
  /** Index of the task in the plan. */
  index: number;
  /** When the workflow of the run began, RFC 3339. */
  startedAt: string;
}

/** What a task's activity returns. Times are RFC 3339. */
export interface TaskOutcome {
  /** Absent when there is none or it is `stored`. */
  output?: Json;
  /** The output was written to the read model, because it is large or the run is. */
  stored?: true;
  attempt: number;
  startedAt: string;
  finishedAt: string;
}

/** Details that travel with the failure of an attempt. */
export interface FailureDetails {
  attempt: number;
  startedAt: string;
  finishedAt: string;
  details?: Json;
}
