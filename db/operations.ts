import { approvalStatuses, isFinal, type ApprovalStatus } from '../domain/approval/state';
import { isFinalRun, runStatuses, type RunStatus } from '../domain/pipeline/status';
import type { Queryable } from '../platform/postgres';

/** How many runs there are in each status that is not final. Read from the index of open runs. */
export async function countOpenRuns(db: Queryable): Promise<Map<RunStatus, number>> {
  const { rows } = await db.query<{ status: RunStatus; count: number }>(
    'select status, count(*) from runs where finished_at is null group by status');
  const counts = new Map(rows.map(({ status, count }) => [status, count]));
  return new Map(runStatuses.filter((status) => !isFinalRun(status)).map((status) => [status, counts.get(status) ?? 0]));
}

/** How many requests for a decision there are in each status that is not final. Read from the index of open ones. */
export async function countOpenApprovals(db: Queryable): Promise<Map<ApprovalStatus, number>> {
  const { rows } = await db.query<{ status: ApprovalStatus; count: number }>(
    'select status, count(*) from approvals where finished_at is null group by status');
  const counts = new Map(rows.map(({ status, count }) => [status, count]));
  return new Map(approvalStatuses.filter((status) => !isFinal({ status })).map((status) => [status, counts.get(status) ?? 0]));
}

/**
 * For how long, in seconds, the oldest run has waited that is past the door and of whose workflow nothing was heard:
 * nobody has started it, no worker has taken it, or the read model does not hear of what happens. 0 when there is none.
 */
export async function oldestSilentRun(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ seconds: number | null }>(
    `select extract(epoch from now() - min(admitted_at))::float as seconds from runs where status = 'queued' and admitted_at is not null`);
  return Math.max(0, rows[0]?.seconds ?? 0);
}
