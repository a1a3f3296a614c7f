import type { z } from 'zod';
import { isFinalRun, runStatuses } from '../../domain/pipeline/status';
import type { Requester } from '../../db/audit';
import { findRunStatus, listRuns, type RunRow } from '../../db/run-queries';
import type { Dependencies } from '../dependencies';
import { toAppError } from '../problem';
import { cancelRun, setPaused, type ActionResult } from './control';
import type { bulkResultSchema, bulkSchema } from './schemas';

type BulkRequest = z.output<typeof bulkSchema>;
type BulkResult = z.output<typeof bulkResultSchema>;

const mostRuns = 1_000;
const atOnce = 10;
const openStatuses = runStatuses.filter((status) => !isFinalRun(status));

function act(deps: Dependencies, request: BulkRequest, run: RunRow, by: Requester): Promise<ActionResult> {
  switch (request.action) {
    case 'cancel':
      return cancelRun(deps, run, request, by);
    case 'pause':
      return setPaused(deps, run, true, by);
    case 'resume':
      return setPaused(deps, run, false, by);
  }
}

/** One run that refuses, or cannot be reached, does not keep the others from being acted on. */
async function tryOne(deps: Dependencies, request: BulkRequest, run: RunRow, by: Requester): Promise<BulkResult['results'][number]> {
  const { id } = run;
  if (request.dryRun) return { id, outcome: 'would', status: run.status, detail: null };
  try {
    const { confirmed } = await act(deps, request, run, by);
    const now = await findRunStatus(deps.pool, id);
    return { id, outcome: confirmed ? 'done' : 'unconfirmed', status: now?.status ?? run.status, detail: null };
  } catch (error) {
    return { id, outcome: 'refused', status: run.status, detail: toAppError(error).message };
  }
}

/** Acts on all open runs that the filter matches, a thousand at most. */
export async function actOnMany(deps: Dependencies, request: BulkRequest, by: Requester): Promise<BulkResult> {
  const { status, after, before, ...filter } = request.filter;
  const statuses = (status ?? openStatuses).filter((wanted) => !isFinalRun(wanted));
  const found = statuses.length === 0 ? [] : await listRuns(deps.pool, {
    ...filter, statuses, after: after === undefined ? undefined : new Date(after), before: before === undefined ? undefined : new Date(before),
  }, { limit: mostRuns + 1 });
  const runs = found.slice(0, mostRuns);
  const results: BulkResult['results'] = [];
  for (let from = 0; from < runs.length; from += atOnce) {
    results.push(...await Promise.all(runs.slice(from, from + atOnce).map((run) => tryOne(deps, request, run, by))));
  }
  return { dryRun: request.dryRun, matched: runs.length, truncated: found.length > mostRuns, results };
}
