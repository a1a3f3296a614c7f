import type { TaskStatus } from '../status';

/** Why a run was told to end before its tasks were final; `failed` is `failFast`. The first reason names the outcome. */
export type StopReason = 'cancelled' | 'timed_out' | 'failed';

/** Why a task or instance changed without having been carried out; `instance`: another instance of its `forEach` failed. */
export type ChangeReason = 'need' | 'condition' | 'instance' | 'request' | StopReason;

/**
 * What the machine knows of a task or an instance, finer than its status: everything that a status hides and a later
 * decision needs (was it skipped by a need, or by its own `if`?). One byte, so that 100,000 tasks fit a workflow.
 */
export const state = {
  /** Needs are open. */
  pending: 0,
  /** Needs are final; its `if` or `forEach.in` has to be evaluated. */
  undecided: 1,
  /** Handed out for that. */
  deciding: 2,
  ready: 3,
  inFlight: 4,
  succeeded: 5,
  failed: 6,
  /** Of an instance: another one failed before it started. */
  skippedByNeed: 7,
  skippedByCondition: 8,
  cancelledByNeed: 9,
  /** By `cancelTask`, or it was cancelled from outside. */
  cancelledByRequest: 10,
  cancelledByStop: 11,
} as const;
export type State = (typeof state)[keyof typeof state];

/** Order is that of the codes. */
const allStates: readonly State[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
export const stateCount = allStates.length;
export const stateOf = (code: number): State => allStates[code] ?? state.pending;

export const isFinal = (code: State): boolean => code >= state.succeeded;
export const isSkipped = (code: State): boolean => code === state.skippedByNeed || code === state.skippedByCondition;
export const isCancelled = (code: State): boolean => code >= state.cancelledByNeed;

/** Never started, and decided (or about to be) from what its needs were: it is decided anew when a need is retried. */
export const isRevivable = (code: State): boolean =>
  (code >= state.undecided && code <= state.ready) || isSkipped(code) || code === state.cancelledByNeed;

/** Where a task or instance is in its life, in a word. */
export type UnitPhase = 'pending' | 'deciding' | 'ready' | 'in_flight' | 'final';

export function phaseOf(code: State): UnitPhase {
  switch (code) {
    case state.pending:
      return 'pending';
    case state.undecided:
    case state.deciding:
      return 'deciding';
    case state.ready:
      return 'ready';
    case state.inFlight:
      return 'in_flight';
    case state.succeeded:
    case state.failed:
    case state.skippedByNeed:
    case state.skippedByCondition:
    case state.cancelledByNeed:
    case state.cancelledByRequest:
    case state.cancelledByStop:
      return 'final';
  }
}

/** @param waits whether a unit in flight waits without holding anything */
export function taskStatusOf(code: State, waits: boolean): TaskStatus {
  switch (code) {
    case state.pending:
    case state.undecided:
    case state.deciding:
    case state.ready:
      return 'pending';
    case state.inFlight:
      return waits ? 'waiting' : 'queued';
    case state.succeeded:
      return 'succeeded';
    case state.failed:
      return 'failed';
    case state.skippedByNeed:
    case state.skippedByCondition:
      return 'skipped';
    case state.cancelledByNeed:
    case state.cancelledByRequest:
    case state.cancelledByStop:
      return 'cancelled';
  }
}
