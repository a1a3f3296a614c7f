import type { ArtifactRef } from '../../domain/artifact';
import type { ErrorInfo } from '../../domain/errors';
import type { Json } from '../../domain/json';
import type { TaskOutcome } from '../../domain/pipeline/task-input';
import { unitFailure } from './failure';

/** How one unit of a run ended. Times are RFC 3339. */
export type UnitEnd = { attempt?: number; startedAt?: string; finishedAt?: string } & (
  | { outcome: 'succeeded'; output?: Json; stored?: true; artifact?: ArtifactRef }
  | { outcome: 'failed'; error: ErrorInfo }
  | { outcome: 'cancelled' }
);

export const endOfOutcome = ({ output, stored, attempt, startedAt, finishedAt }: TaskOutcome): UnitEnd => ({
  outcome: 'succeeded', attempt, startedAt, finishedAt, ...(stored ? { stored } : { output: output ?? null }),
});

export function endOfFailure(failure: unknown): UnitEnd {
  const { cancelled, error, times } = unitFailure(failure);
  const measured = times && { attempt: times.attempt, startedAt: times.startedAt, finishedAt: times.finishedAt };
  return cancelled ? { outcome: 'cancelled', ...measured } : { outcome: 'failed', error, ...measured };
}
