import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { concurrencyOf } from '../../domain/pipeline/concurrency';
import { changedInputs, rerunInputs } from '../../domain/pipeline/rerun/rerun-inputs';
import { marksOf, planRerun, type RerunPlan } from '../../domain/pipeline/rerun/rerun-plan';
import { encodeMarks } from '../../domain/pipeline/rerun/reuse-marks';
import { recordAudit } from '../../db/audit';
import { copyResults, countReusableInstances, findFinishedTasks, findOwnDecisions, holdOrigins, type FinishedTask } from '../../db/rerun';
import { findRunRow, type RunRow } from '../../db/run-queries';
import { acceptRun, type NewRerun, type NewRun } from '../../db/runs';
import type { PoolClient } from '../../platform/postgres';
import { runWorkflowId } from '../../workflows/pipeline/contract';
import type { Call } from '../route';
import { refuseChanged, refuseNothing, refuseOpenRun, refuseRemoved, refuseUnknownTasks } from './rerun-refusals';
import type { rerunPlanSchema, rerunSchema } from './rerun-schemas';
import { checkedInputs, planFor, type StartedRun, type VersionPlan } from './start';

export type RerunCall = Call<{ id: string }, unknown, z.output<typeof rerunSchema>>;

/** What a request comes to, before anything is done. */
interface PlannedRerun extends VersionPlan {
  source: RunRow;
  inputs: JsonObject;
  plan: RerunPlan;
  finished: Map<string, FinishedTask>;
}

/**
 * Checks everything, and holds what is to be reused until the transaction ends.
 * @throws AppError `not_found`, `run.not_possible`, `pipeline.archived`, `request.invalid`, `inputs.invalid`, `rerun.results_removed`
 */
async function planned(client: PoolClient, { deps, params, body, caller }: RerunCall): Promise<PlannedRerun> {
  const source = await findRunRow(client, params.id);
  if (!source) throw new AppError('not_found', `There is no run ${params.id}.`);
  refuseOpenRun(source);
  const origins = await holdOrigins(client, source.id);
  const found = await planFor(client, deps, source.pipeline, body.version ?? source.version);
  const next = found.loaded.plan;
  refuseUnknownTasks(body.from, next, found.version);
  const oldPlan = (await deps.plans.get(client, source.planHash)).plan;
  const inputs = checkedInputs(next, rerunInputs({ plan: oldPlan, inputs: source.inputs }, next, body.inputs));
  const finished = new Map((await findFinishedTasks(client, source.id)).map((task) => [task.task, task]));
  const statuses = new Map([...finished].map(([id, { status }]) => [id, status]));
  const ownDecisions = await findOwnDecisions(client, source.id, caller.name);
  const old = { plan: oldPlan, inputs: source.inputs, status: source.status, tasks: statuses, ownDecisions };
  const plan = planRerun(old, { plan: next, inputs }, body.from);
  refuseRemoved(origins, reusedOf(plan).flatMap((id) => finished.get(id) ?? []), source);
  return { ...found, source, inputs, plan, finished };
}

const reusedOf = ({ tasks }: RerunPlan): string[] => tasks.flatMap(({ verdict, task }) => (verdict === 'reuse' ? [task] : []));

function newRerun({ plan, source }: PlannedRerun): NewRerun {
  const marks = marksOf(plan);
  const reused = (status: string): number => plan.tasks.filter((task) => task.verdict === 'reuse' && task.status === status).length;
  return {
    of: source.id, succeeded: reused('succeeded'), skipped: reused('skipped'),
    ...(marks.some((mark) => mark > 0) && { reused: { from: source.id, marks: encodeMarks(marks) } }),
  };
}

function newRun(rerun: PlannedRerun, { body, caller }: RerunCall): NewRun {
  const { source, loaded: { plan }, planHash, version, inputs } = rerun;
  const id = uuidv7();
  const scheduledAt = source.scheduledAt?.toISOString();
  const identity = { id, trigger: { type: 'rerun' as const }, requestedBy: caller.name };
  const concurrency = concurrencyOf(plan, inputs, { ...identity, scheduledAt: scheduledAt ?? null });
  return {
    ...identity, pipeline: plan.name, version, planHash, inputs,
    labels: { ...plan.labels, ...source.labels, ...body.labels },
    priority: body.priority ?? source.priority,
    workflowId: runWorkflowId(plan.name, id), total: plan.tasks.length, rerun: newRerun(rerun),
    ...(concurrency && { concurrency }), ...(scheduledAt !== undefined && { scheduledAt }),
  };
}

/**
 * Accepts a rerun in the transaction of `client`, with the results that it reuses: always a new run with new keys.
 * @throws AppError as `planned` does; `rerun.changed`, `run.concurrency_limit`
 */
export async function acceptRerun(client: PoolClient, call: RerunCall): Promise<StartedRun> {
  const rerun = await planned(client, call);
  const { plan, source, planHash, loaded } = rerun;
  if (call.body.changed === 'refuse') refuseChanged(plan);
  refuseNothing(plan, source, planHash === source.planHash && changedInputs(source.inputs, rerun.inputs).length === 0);
  const run = newRun(rerun, call);
  const row = await acceptRun(client, run);
  await copyResults(client, source.id, run.id, reusedOf(plan));
  await recordAudit(client, call.by, {
    action: 'run.rerun', target: `run/${run.id}`,
    data: { rerunOf: source.id, pipeline: run.pipeline, version: run.version, from: call.body.from, reused: reusedOf(plan).length },
  });
  return { row, loaded, admitted: row.admittedAt !== null };
}

/** What would become of every task, without acting. @throws AppError as `planned` does */
export async function tryRerun(client: PoolClient, call: RerunCall): Promise<z.input<typeof rerunPlanSchema>> {
  const { plan, source, version, inputs, finished } = await planned(client, call);
  const matched = plan.tasks.flatMap(({ task, matchesItems }) => (matchesItems ? [task] : []));
  const instances = await countReusableInstances(client, source.id, matched);
  const counted = (verdict: string): number => plan.tasks.filter((task) => task.verdict === verdict).length;
  return {
    dryRun: true, rerunOf: source.id, pipeline: source.pipeline, version, inputs, removed: plan.removed,
    counts: { reuse: counted('reuse'), run: counted('run'), changed: counted('changed') },
    tasks: plan.tasks.map((task) => ({
      id: task.task, verdict: task.verdict, because: becauseOf(task), differs: task.verdict === 'changed' ? task.differs : [],
      reusedFrom: task.verdict === 'reuse' ? finished.get(task.task)?.origin ?? source.id : null,
      instances: task.matchesItems ? instances.get(task.task) ?? 0 : null,
    })),
  };
}

function becauseOf(task: RerunPlan['tasks'][number]): string | null {
  switch (task.verdict) {
    case 'reuse': return null;
    case 'run': return task.because;
    case 'changed': return `${task.differs.join(', ')} changed`;
  }
}
