import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { findPipeline, findVersion } from '../../db/pipelines';
import { acceptRun, type NewRun } from '../../db/runs';
import { AppError, type ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import { concurrencyOf } from '../../domain/pipeline/concurrency';
import { resolveInputs } from '../../domain/pipeline/inputs';
import { defaultPriority, type Plan } from '../../domain/pipeline/plan';
import type { RunTrigger } from '../../domain/pipeline/run';
import { transaction, type PoolClient } from '../../platform/postgres';
import type { OpenedRun, OpenRunInput, RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';

/** Gives a run that was born in Temporal (a Schedule, the CLI, the UI, a parent run) its row, and takes it to the door. */
export const openRunActivity = (dependencies: ActivityDependencies): Pick<RunActivities, 'openRun'> => ({
  openRun: async (input) => {
    const { version, planHash, plan } = await planOf(input, dependencies);
    const requestedBy = await requesterOf(input, dependencies);
    return transaction(dependencies.pool, (client) => open(client, input, { version, planHash, plan, requestedBy }));
  },
});

interface Found {
  version: number;
  planHash: string;
  plan: Plan;
  requestedBy: string;
}

async function open(client: PoolClient, input: OpenRunInput, { version, planHash, plan, requestedBy }: Found): Promise<OpenedRun> {
  const run: NewRun = {
    id: runIdOf(input), pipeline: plan.name, version, planHash, inputs: input.inputs, labels: plan.labels ?? {},
    priority: plan.priority ?? defaultPriority, trigger: triggerOf(input), requestedBy, workflowId: input.workflowId,
    total: plan.tasks.length,
    ...(input.parent && { parent: { run: input.parent.runId, task: input.parent.task } }),
    ...(input.scheduledAt !== undefined && { scheduledAt: input.scheduledAt }),
  };
  const { accepted, refused } = await acceptOrRefuse(client, plan, run, input);
  const { id, pipeline, trigger, priority } = run;
  return {
    accepted: {
      run: { id, pipeline, version, trigger, requestedBy, scheduledAt: input.scheduledAt ?? null },
      planHash, priority, hasSlot: accepted.concurrency !== undefined,
      ...(Buffer.byteLength(JSON.stringify(plan)) < limits.inlinePlanBytes && { plan }),
    },
    inputs: accepted.inputs,
    hasSlot: accepted.concurrency !== undefined,
    admitted: accepted.admitted,
    ...(refused && { refused }),
  };
}

/** A run that may not run still gets its row: that is where people look for the reason. */
async function acceptOrRefuse(
  client: PoolClient, plan: Plan, run: NewRun, input: OpenRunInput,
): Promise<{ accepted: { inputs: JsonObject; concurrency?: NewRun['concurrency']; admitted: boolean }; refused?: ErrorInfo }> {
  try {
    const inputs = checkedInputs(plan, input.inputs);
    const concurrency = concurrencyOf(plan, inputs, { id: run.id, trigger: run.trigger, requestedBy: run.requestedBy, scheduledAt: input.scheduledAt ?? null });
    const { admittedAt } = await acceptRun(client, { ...run, inputs, ...(concurrency && { concurrency }) });
    return { accepted: { inputs, admitted: admittedAt !== null, ...(concurrency && { concurrency }) } };
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
    await acceptRun(client, run);
    return {
      accepted: { inputs: input.inputs, admitted: true },
      refused: { code: error.code, message: error.message, retryable: false, ...(error.details !== undefined && { details: error.details }) },
    };
  }
}

function checkedInputs(plan: Plan, given: JsonObject): JsonObject {
  const { inputs, faults } = resolveInputs(plan.inputs, given);
  if (faults.length === 0) return inputs;
  throw new AppError('inputs.invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '));
}

/** @throws AppError `not_found`, `pipeline.archived` */
async function planOf({ pipeline: name, version: wanted }: OpenRunInput, { pool, plans }: ActivityDependencies): Promise<Omit<Found, 'requestedBy'>> {
  const pipeline = await findPipeline(pool, name);
  if (!pipeline) throw new AppError('not_found', `There is no pipeline "${name}"`);
  if (pipeline.archivedAt) throw new AppError('pipeline.archived', `The pipeline "${name}" is archived: apply it again to use it`);
  const version = wanted ?? pipeline.version;
  const planHash = version === pipeline.version ? pipeline.planHash : (await findVersion(pool, name, version))?.planHash;
  if (planHash === undefined) throw new AppError('not_found', `The pipeline "${name}" has no version ${version}; the newest is ${pipeline.version}`);
  return { version, planHash, plan: await plans.plan(planHash) };
}

const requesterOf = async ({ parent }: OpenRunInput, { plans }: ActivityDependencies): Promise<string> =>
  parent ? (await plans.run(parent.runId)).context.requestedBy : 'temporal';

function triggerOf({ parent, scheduledAt }: OpenRunInput): RunTrigger {
  if (parent) return { type: 'parent', name: parent.task };
  return scheduledAt === undefined ? { type: 'temporal' } : { type: 'schedule' };
}

/** A UUIDv7 that the workflow id and its start give, so that a retry of this activity finds its own row. */
const runIdOf = ({ workflowId, startedAtMs }: OpenRunInput): string =>
  uuidv7({ msecs: startedAtMs, seq: 0, random: createHash('sha256').update(workflowId).digest().subarray(0, 16) });
