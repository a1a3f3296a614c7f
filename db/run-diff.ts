import type { Json } from '../domain/json';
import type { TaskStatus } from '../domain/pipeline/status';
import type { Queryable } from '../platform/postgres';

/** A task as one of two runs has it. Outputs above 2 KiB are left out. */
export interface ComparedTask {
  status: TaskStatus;
  attempt: number;
  durationMs: number | null;
  reusedFrom: string | null;
  output: Json;
  outputBytes: number;
}
/** A run that is compared, and what its tasks are that have no row. */
export interface ComparedRun {
  id: string;
  withoutRow: TaskStatus;
}
export interface TaskPair {
  task: string;
  left: ComparedTask | null;
  right: ComparedTask | null;
  outputDiffers: boolean;
}

const shownOutputBytes = 2_048;

const side = (parameter: string): string => `
  select task, output, status, regexp_replace(output::text, '"artifact://[^"]+"', '""', 'g') as meaning,
         json_build_object('status', status, 'attempt', attempt, 'reusedFrom', reused_from,
           'durationMs', round(extract(epoch from finished_at - started_at) * 1000),
           'output', case when octet_length(output::text) <= ${shownOutputBytes} then output end,
           'outputBytes', coalesce(octet_length(output::text), 0)) as shown,
         extract(epoch from finished_at - started_at) as seconds
  from run_tasks where run_id = ${parameter} and instance = -1`;

/**
 * Tasks that two runs have different results or very different durations of, and those of these names, by name; at
 * most `limit`. The ids of artifacts are those of their runs, so they are no difference: their contents are compared.
 */
export async function findTaskPairs(db: Queryable, left: ComparedRun, right: ComparedRun, names: readonly string[], limit: number): Promise<TaskPair[]> {
  const { rows } = await db.query<TaskPair>({
    name: 'find-task-pairs',
    text: `with l as (${side('$1')}), r as (${side('$2')})
           select coalesce(l.task, r.task) as task, l.shown as left, r.shown as right, l.meaning is distinct from r.meaning as "outputDiffers"
           from l full join r on r.task = l.task
           where coalesce(l.status, $5) <> coalesce(r.status, $6) or l.meaning is distinct from r.meaning or coalesce(l.task, r.task) = any ($3)
              or (abs(l.seconds - r.seconds) >= 1 and greatest(l.seconds, r.seconds) >= 2 * least(l.seconds, r.seconds))
           order by 1 limit $4`,
    values: [left.id, right.id, names, limit, left.withoutRow, right.withoutRow],
  });
  return rows;
}
