import type { Pool } from 'pg';
import type { Unit } from '../domain/pipeline/run-state';

/** The step of a run that waits for a child: another run, or a request for a decision. */
export interface WaitingStep {
  workflowId: string;
  unit: Unit;
}

/** Open child runs whose parent run has ended, and that were not asked to cancel yet. */
export async function findOrphanedRuns(pool: Pool, max: number): Promise<{ id: string; workflowId: string }[]> {
  const { rows } = await pool.query<{ id: string; workflowId: string }>(
    `select child.id, child.workflow_id as "workflowId"
     from runs child join runs parent on parent.id = child.parent_run
     where child.finished_at is null and child.cancel_requested is null and parent.finished_at is not null
     order by child.id limit $1`,
    [max],
  );
  return rows;
}

/** Which of these runs have ended, at least `agoMs` ago. */
export async function findEndedRuns(pool: Pool, ids: string[], agoMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from runs where id = any($1::uuid[]) and finished_at <= now() - make_interval(secs => $2 / 1000.0)',
    [ids, agoMs],
  );
  return rows.map(({ id }) => id);
}

/** Those of these workflows of runs and approvals that have no row. */
export async function withoutRow(pool: Pool, workflowIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select ended.id from unnest($1::text[]) as ended (id)
     where not exists (select from runs where workflow_id = ended.id) and not exists (select from approvals where workflow_id = ended.id)`,
    [workflowIds]);
  return rows.map(({ id }) => id);
}

/**
 * As the workflow of a run names the children of its steps: `run/<pipeline>/<run>.<task>[.<item>].<generation>`, and
 * `approval/<run>/<task>/<item or ->/<generation>`.
 */
const childIds = [/^run\/[^/]+\/([0-9a-f-]{36})\.([^.]+)(?:\.(\d+))?\.(\d+)$/, /^approval\/([0-9a-f-]{36})\/([^/]+)\/(?:-|(\d+))\/(\d+)$/];

/**
 * The open step that waits for the child of this workflow; undefined when it is of no run, or when the step was retried
 * since and waits for another child.
 */
export async function findWaitingStep(pool: Pool, childWorkflowId: string): Promise<WaitingStep | undefined> {
  const [, parent, task, instance = -1, generation] = childIds.flatMap((id) => id.exec(childWorkflowId) ?? []);
  if (parent === undefined) return undefined;
  const { rows } = await pool.query<{ workflowId: string; task: number; instance: number }>(
    `select parent.workflow_id as "workflowId", planned.index::int - 1 as task, step.instance
     from runs parent
     join run_tasks step on step.run_id = parent.id and step.task = $2 and step.instance = $3 and step.generation = $4 and not step.final
     join plans plan on plan.hash = parent.plan_hash
     cross join json_array_elements(plan.body -> 'tasks') with ordinality as planned (task, index)
     where parent.id = $1 and parent.finished_at is null and planned.task ->> 'id' = $2`,
    [parent, task, instance, generation],
  );
  const row = rows[0];
  return row && { workflowId: row.workflowId, unit: { task: row.task, instance: row.instance } };
}
