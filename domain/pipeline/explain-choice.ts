import { nameOf } from './explain';
import type { Situation, SituationKind, Subject } from './explain-facts';

/** A task of a run, or an instance of a `forEach`, that is on its way. */
export interface Part {
  subject: Subject;
  situation: Situation;
}

/** A part of which one may say that it is being worked at. */
export const isAtWork = ({ situation }: Part): boolean => atWork.has(situation.kind);

const atWork: ReadonlySet<SituationKind> = new Set<SituationKind>(['running', 'progress', 'dispatched', 'deciding']);

/** What does not pass by itself, or may not, and is told even while something else is at work. */
const hindrances: ReadonlySet<SituationKind> = new Set<SituationKind>(['no_worker', 'approval', 'retry']);

/** Names of the parts that do not get on though others do. */
export const heldUp = (parts: readonly Part[]): string[] =>
  parts.flatMap(({ subject, situation }) => (hindrances.has(situation.kind) ? [nameOf(subject)] : []));

/** What keeps a run is told in this order: first what will not pass by itself. */
const tellingOrder: readonly SituationKind[] = ['no_worker', 'unanswered', 'slot', 'starting', 'paused', 'cancelling', 'approval', 'retry', 'queued', 'child', 'timer'];

/**
 * The part that a run or a `forEach` waits for: the most telling one, the first of its kind. Undefined when something
 * is at work, or nothing is on its way.
 */
export function keptBy(parts: readonly Part[]): Part | undefined {
  if (parts.some(isAtWork)) return undefined;
  for (const kind of tellingOrder) {
    const found = parts.find(({ situation }) => situation.kind === kind);
    if (found) return found;
  }
  return parts[0];
}
