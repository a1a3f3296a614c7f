import { findProgress } from '../../db/approvals/approval-queries';
import type { Dependencies } from '../dependencies';
import { watchUntil } from '../wait';

type Watching = Pick<Dependencies, 'pool' | 'approvalChanges'>;

/** Waits until a request is decided, at most so many seconds. */
export async function waitForDecision({ pool, approvalChanges }: Watching, id: string, seconds: number, signal: AbortSignal): Promise<void> {
  await watchUntil(approvalChanges, id, () => findProgress(pool, id), (seen) => !seen || seen.finishedAt !== null, seconds * 1_000, signal);
}

const readModelPatienceMs = 1_000;

/** The workflow has done it; whoever asked for it shall read it, too. Postgres has it already, unless it is slow. */
export async function waitForEntry({ pool, approvalChanges }: Watching, id: string, seq: number): Promise<void> {
  await watchUntil(approvalChanges, id, () => findProgress(pool, id), (seen) => !seen || seen.seq >= seq, readModelPatienceMs);
}
