import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { concurrencyOf } from '../../domain/pipeline/concurrency';
import { resolveInputs } from '../../domain/pipeline/inputs';
import { defaultPriority, type Plan } from '../../domain/pipeline/plan';
import type { RunTrigger } from '../../domain/pipeline/run';
import { recordAudit } from '../../db/audit';
import { findVersion } from '../../db/pipelines';
import type { RunRow } from '../../db/run-queries';
import { acceptRun, type NewRun } from '../../db/runs';
import type { PoolClient } from '../../platform/postgres';
import { runWorkflowId } from '../../workflows/pipeline/contract';
import type { Dependencies } from '../dependencies';
import type { LoadedPlan } from '../pipelines/plan-cache';
import { requirePipeline } from '../pipelines/service';
import type { Call } from '../route';
import type { newRunSchema } from './schemas';

type NewRunRequest = z.output<typeof newRunSchema>;
export type StartCall = Call<{ name: string }, unknown, NewRunRequest>;

/** Requests of our own command line say so; everything else is a call of the API. */
const triggerOf = (userAgent: string | undefined): RunTrigger =>
  ({ type: userAgent?.startsWith('datamcp-cli') ? 'cli' : 'api' });

export interface VersionPlan {
  loaded: LoadedPlan;
  planHash: string;
  version: number;
}

/** The plan of a version of a pipeline, or of the newest. @throws AppError `not_found`, `pipeline.archived` */
export async function planFor(client: PoolClient, { plans }: Pick<Dependencies, 'plans'>, name: string, wanted: number | undefined): Promise<VersionPlan> {
  const pipeline = await requirePipeline(client, name);
  if (pipeline.archivedAt) throw new AppError('pipeline.archived', `The pipeline "${name}" is archived: apply it again to use it.`, { details: { currentStatus: 'archived' } });
  const version = wanted ?? pipeline.version;
  const planHash = version === pipeline.version ? pipeline.planHash : (await findVersion(client, name, version))?.planHash;
  if (planHash === undefined) throw new AppError('not_found', `The pipeline "${name}" has no version ${version}; the newest is ${pipeline.version}.`);
  return { loaded: await plans.get(client, planHash), planHash, version };
}

/** The inputs with their defaults. @throws AppError `inputs.invalid` with all faults, as places in the body */
export function checkedInputs(plan: Plan, given: JsonObject): JsonObject {
  const { inputs, faults } = resolveInputs(plan.inputs, given);
  const [first] = faults;
  if (!first) return inputs;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new AppError('inputs.invalid', first.message + more, {
    details: { errors: faults.map((fault) => ({ ...fault, path: `/inputs${fault.path}` })) },
  });
}

/** A checked request as the run that it asks for. @throws AppError with everything that is wrong */
async function newRunOf(client: PoolClient, call: StartCall): Promise<{ run: NewRun; loaded: LoadedPlan }> {
  const { loaded, planHash, version } = await planFor(client, call.deps, call.params.name, call.body.version);
  const { plan } = loaded;
  const inputs = checkedInputs(plan, call.body.inputs);
  const identity = { id: uuidv7(), trigger: triggerOf(call.request.get('user-agent')), requestedBy: call.caller.name };
  const concurrency = concurrencyOf(plan, inputs, { ...identity, scheduledAt: null });
  const run: NewRun = {
    ...identity,
    pipeline: plan.name,
    version,
    planHash,
    inputs,
    labels: { ...plan.labels, ...call.body.labels },
    priority: call.body.priority ?? plan.priority ?? defaultPriority,
    workflowId: runWorkflowId(plan.name, identity.id),
    total: plan.tasks.length,
    ...(concurrency && { concurrency }),
  };
  return { run, loaded };
}

export interface StartedRun {
  row: RunRow;
  loaded: LoadedPlan;
  admitted: boolean;
}

/**
 * Accepts a run in the transaction of `client`: when that commits, the run exists and will be run.
 * @throws AppError `not_found`, `pipeline.archived`, `inputs.invalid`, `expression_failed`, `run.concurrency_limit`
 */
export async function acceptNewRun(client: PoolClient, call: StartCall): Promise<StartedRun> {
  const { run, loaded } = await newRunOf(client, call);
  const row = await acceptRun(client, run);
  await recordAudit(client, call.by, { action: 'run.start', target: `run/${run.id}`, data: { pipeline: run.pipeline, version: run.version } });
  return { row, loaded, admitted: row.admittedAt !== null };
}

/** The same checks, of which nothing is kept. */
export async function tryNewRun(client: PoolClient, call: StartCall): Promise<StartedRun> {
  await client.query('savepoint checks');
  const started = await acceptNewRun(client, call);
  await client.query('rollback to savepoint checks');
  return started;
}
