import type { ErrorInfo } from '../errors';
import type { ChangeReason, StopReason } from './run-state';
import type { RunStatus } from './status';

/** What is explained: a run, one of its tasks, or an instance of a `forEach`. */
export interface Subject {
  run: string;
  task?: string;
  instance?: number;
}

/** Who waits for or does the work that Temporal hands out: the workflow of a run itself, or an activity. */
export type Work = 'workflow' | 'activity';

/**
 * What is known of why a run or task is where it is. Times are RFC 3339 in UTC; `since` is null only where nobody has
 * noted it.
 */
export type Situation = { since: string | null } & (
  | { kind: 'final'; status: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'timed_out'; cause: FinalCause; open: boolean }
  | { kind: 'running'; attempt: number; maxAttempts: number | null; worker: string | null; percent: number | null; message: string | null }
  /** A run, or a `forEach`, of which something is at work. `heldUp` waits for a worker, for people or for another attempt. */
  | { kind: 'progress'; of: 'tasks' | 'instances'; total: number; final: number; working: string[]; heldUp: string[] }
  | { kind: 'retry'; attempt: number; maxAttempts: number | null; nextAt: string | null; error: Pick<ErrorInfo, 'code' | 'message'> }
  /** On a task queue, from which workers take. */
  | { kind: 'queued'; queue: string; backlog: number }
  /** On a task queue, from which nobody takes. */
  | { kind: 'no_worker'; work: Work; queue: string; lastSeenAt: string | null }
  /** Handed to the workers of a queue; whether one has taken it is not known here. */
  | { kind: 'dispatched'; queue: string | null }
  | { kind: 'needs'; open: string[]; total: number }
  | { kind: 'deciding'; expressions: ('if' | 'forEach')[] }
  /** Ready, while the run has as much in flight as it may. */
  | { kind: 'room'; of: 'run' | 'forEach' | 'batch'; inFlight: number; most: number | null }
  | { kind: 'timer'; until: string }
  | { kind: 'child'; child: { run: string; pipeline: string; status: RunStatus } | null; workflowId?: string }
  /** A step that asks people. How its request stands is known to the read model only. */
  | { kind: 'approval'; title: string; workflowId: string; request: AwaitedDecision | null }
  /** At the door; `place` counts from 1. */
  | { kind: 'slot'; pipeline: string; key: string; limit: number; place: number; holders: string[] }
  /** Accepted and admitted, while its workflow shows no sign of life. */
  | { kind: 'starting'; temporalReachable: boolean }
  | { kind: 'paused'; by: string | null; in: 'datamcp' | 'temporal' }
  | { kind: 'cancelling'; stop: StopCause; graceUntil: string | null; cleanupUntil: string | null }
  | { kind: 'unanswered'; temporalReachable: boolean; patienceMs: number }
);

export type SituationKind = Situation['kind'];

// Aliases, not interfaces: they go into `details`, which is JSON, and only an alias is known to be that.

/** Why a run, or one task, is told to end; `request`: a task alone, by hand. */
export type StopCause = {
  reason: StopReason | 'request';
  by: string | null;
  why: string | null;
};

/** Why a run or task ended as it did. */
export type FinalCause = {
  /** Absent when it ended by what it did itself. */
  reason?: ChangeReason;
  /** The need that it is because of, or the task of a run that failed. */
  task?: string;
  by?: string | null;
  why?: string | null;
  attempt?: number;
  error?: Pick<ErrorInfo, 'code' | 'message'> | null;
};

/** How a request for a decision stands. */
export type AwaitedDecision = {
  id: string;
  /** In one sentence: `0 of 1; waiting for data-owner until Friday 17:00`. */
  standing: string;
  /** Whose act it waits for: the first of them by name. */
  waitingFor: string[];
  /** When time decides, RFC 3339. */
  until: string | null;
  /** Where it is decided, for whom it waits for. */
  link: string;
};

/** Every kind, in the order of a run's life. */
export const situationKinds = [
  'slot', 'starting', 'needs', 'deciding', 'room', 'dispatched', 'queued', 'no_worker', 'running', 'progress', 'retry', 'timer', 'child', 'approval',
  'paused', 'cancelling', 'unanswered', 'final',
] as const satisfies readonly SituationKind[];
