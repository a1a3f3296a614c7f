import type { StepKind } from './plain/workflows';

export type { StepKind };

/** One of the two that are compared: the same work, each asked for in its own way and waited for as its caller does. */
export interface Side {
  /** Three tasks, one after the other. */
  sequence(kind: StepKind): Promise<void>;
  /** So many tasks side by side, and one that needs them all. */
  fanOut(kind: StepKind, tasks: number): Promise<void>;
  /** So many independent tasks. */
  wide(kind: StepKind, tasks: number): Promise<void>;
  /** Starts a run of one task and does not wait for its end: only until it is certain that it will be carried out. */
  start(kind: StepKind): Promise<void>;
  /** Waits for the end of everything that was started. */
  drain(): Promise<void>;
}

/** A run that takes longer has failed. */
export const longestRunMs = 20 * 60_000;
