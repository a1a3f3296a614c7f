import { AppError } from '../../errors';
import { decodeRunLengths, encodeRunLengths } from '../run-lengths';
import type { StatusChange, Unit } from './unit';
import { state, type StopReason } from './states';

/**
 * A run's state as JSON, for a continue-as-new: a few bytes where neighbours are alike, at worst two bytes a task.
 * It holds no outputs.
 */
export interface RunSnapshot {
  /** One letter a state, with a count where it repeats: `s1200i3p40`. */
  tasks: string;
  /** Of those tasks that were retried. */
  generations: Record<string, number>;
  /** Of those `forEach` tasks that may still need them, written like `tasks`. */
  instances: Record<string, string>;
  stopReason: StopReason | null;
  forced: boolean;
  paused: boolean;
  /** What nobody has taken yet. */
  changes: StatusChange[];
  stopped: Unit[];
}

/** One letter a state, in the order of the codes. */
const letters = 'pudrisfkcnqx';

export const encodeStates = (codes: Uint8Array): string => encodeRunLengths(codes, letters);

/**
 * Reads what `encodeStates` wrote. What was being decided is undecided again: who decided it did not come along.
 * @throws AppError `internal` when it is not for this many cells: a snapshot of another graph must not be run
 */
export function decodeStates(text: string, size?: number): Uint8Array {
  const codes = decodeRunLengths(text, letters).map((code) => (code === state.deciding ? state.undecided : code));
  if (size !== undefined && codes.length !== size) throw new AppError('internal', `A snapshot of ${codes.length} tasks does not fit a graph of ${size}`);
  return Uint8Array.from(codes);
}
