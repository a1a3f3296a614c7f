import { AppError } from '../../errors';
import { decodeRunLengths, encodeRunLengths } from '../run-lengths';
import { encodeStates, type RunSnapshot } from '../run-state/snapshot';
import { state, type State } from '../run-state/states';

/** What a rerun does with a task: the only thing about reuse that its workflow has to know. */
export const reuseMark = {
  run: 0,
  /** It has succeeded already. */
  succeeded: 1,
  /** It was skipped already, and would be again. */
  skipped: 2,
  /** A `forEach` that runs, except those of its instances whose item has succeeded already. */
  matchItems: 3,
} as const;

/** What travels in the start arguments of a rerun: at worst a byte a task, never results. */
export interface ReusedResults {
  /** The run whose results are reused. */
  from: string;
  /** One letter a task, as `encodeMarks` writes it. */
  marks: string;
}

/** One letter a mark, in the order of the marks. */
const letters = 'rskm';

export const encodeMarks = (marks: Uint8Array): string => encodeRunLengths(marks, letters);

/** @throws AppError `internal` when it is not for this many tasks: the marks of another plan must not be run */
export function decodeMarks(text: string, size: number): Uint8Array {
  const marks = Uint8Array.from(decodeRunLengths(text, letters));
  if (marks.length !== size) throw new AppError('internal', `Marks of ${marks.length} tasks do not fit a plan of ${size}`);
  return marks;
}

/** How many tasks are not carried out. */
export const countReused = (marks: Uint8Array): number =>
  marks.reduce((count, mark) => count + (mark === reuseMark.succeeded || mark === reuseMark.skipped ? 1 : 0), 0);

const stateByMark: readonly State[] = [state.pending, state.succeeded, state.skippedByCondition, state.pending];

/** The state in which a rerun begins: as if it had carried out itself what it reuses, and had told everybody. */
export const stateOfReused = (marks: Uint8Array): RunSnapshot => ({
  tasks: encodeStates(marks.map((mark) => stateByMark[mark] ?? state.pending)),
  generations: {}, instances: {}, stopReason: null, forced: false, paused: false, changes: [], stopped: [],
});
