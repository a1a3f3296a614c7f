import type { ErrorInfo } from '../errors';
import type { ArtifactRef } from '../artifact';
import type { Json, JsonObject } from '../json';
import type { ChangeReason } from './run-state';
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
  /** In order; each is an event of the run, too. */
  tasks: TaskFact[];
  /** Events of the run itself. */
  events: RunEvent[];
}

export interface TaskFact {
  seq: number;
  /** The task's id, or its index in a plan that is too large for the workflow to hold its ids. */
  task: string | number;
  /** When it became so, RFC 3339. */
  at: string;
  /** Absent for the task itself. */
  instance?: number;
  /** Absent while nobody has retried the task by hand. */
  generation?: number;
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
  /** Why it ended without having been carried out. */
  reason?: ChangeReason;
  waitingFor?: string;
}

export interface RunEvent {
  seq: number;
  /** `run.started`, `task.succeeded`, … */
  type: string;
  at: string;
  data: JsonObject;
}

/** The event that a fact is, for those who follow the run. */
export function eventOf(fact: TaskFact): RunEvent {
  const { seq, at, task, instance, generation = 0, status, attempt, error, reason, waitingFor, startedAt, finishedAt } = fact;
  return {
    seq, at,
    type: status === 'pending' && generation > 0 ? 'task.retried' : `task.${status}`,
    data: {
      task, generation, status,
      ...(instance !== undefined && { instance }),
      ...(attempt !== undefined && { attempt }),
      ...(waitingFor !== undefined && { waitingFor }),
      ...(reason !== undefined && { reason }),
      ...(error && { error: { code: error.code, message: error.message } }),
      ...(startedAt !== undefined && finishedAt !== undefined && { durationMs: Date.parse(finishedAt) - Date.parse(startedAt) }),
    },
  };
}
