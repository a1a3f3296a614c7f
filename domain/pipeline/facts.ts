import type { ErrorInfo } from '../errors';
import type { ArtifactRef } from '../artifact';
import type { Json, JsonObject } from '../json';
import type { RunProgress, RunStatus, TaskStatus } from './status';

/**
 * What the workflow tells the read model. Facts of one run rise in `seq`; a row takes only a fact that is newer than
 * what it holds, so that telling twice or late changes nothing.
 */
export interface RunFacts {
  runId: string;
  /** Of the newest fact in this batch. */
  seq: number;
  status: RunStatus;
  startedAt: string;
  /** Set by the last batch of a run only. */
  finishedAt?: string;
  outputs?: JsonObject;
  error?: ErrorInfo;
  warnings?: string[];
  progress: RunProgress;
  /** The newest fact of each task or instance in this batch. */
  tasks: TaskFact[];
  events: RunEvent[];
}

export interface TaskFact {
  seq: number;
  /** The task's id, or its index in a plan that is too large for the workflow to hold its ids. */
  task: string | number;
  /** -1 for the task itself. */
  instance: number;
  generation: number;
  status: TaskStatus;
  attempt?: number;
  startedAt?: string;
  finishedAt?: string;
  /** Absent when there is none, or when the activity has stored it already. */
  output?: Json;
  artifact?: ArtifactRef;
  /** What a `forEach` is expanded over. */
  items?: Json[];
  error?: ErrorInfo;
  waitingFor?: string;
}

export interface RunEvent {
  seq: number;
  /** `run.started`, `task.succeeded`, … */
  type: string;
  at: string;
  /** The task that it is about, if any: an id or an index like `TaskFact.task`. */
  task?: string | number;
  data: JsonObject;
}
