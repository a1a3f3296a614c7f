import { saveItems, saveList } from '../../db/live';
import { findInstanceOutputs } from '../../db/task-scope';
import { AppError, type ErrorInfo } from '../../domain/errors';
import type { Json } from '../../domain/json';
import { limits } from '../../domain/limits';
import { evaluateCondition, evaluateTemplate, referencesOf, type Scope } from '../../domain/pipeline/expressions';
import { itemsOf } from '../../domain/pipeline/for-each';
import { evaluateOutputs } from '../../domain/pipeline/outputs';
import { ArtifactStore } from '../../platform/artifacts';
import type { DecisionOutcome, DecisionsInput, RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';
import { resolveWith, resultScope, resultsOf, unresolvedTask } from '../task/resolution';
import { taskAt } from './plan-cache';
import { reuseInstances } from './reused-instances';

type StoredExpressionActivities = Pick<RunActivities, 'decideStored' | 'resolveStored' | 'gatherInstances' | 'evaluateOutputs'>;

/** Evaluates expressions of the run's workflow whose values are in the read model, not in the workflow. */
export const storedExpressionActivities = (dependencies: ActivityDependencies): StoredExpressionActivities => ({
  decideStored: (input) => Promise.all(input.decisions.map((decision) => decide(dependencies, input, decision))),
  resolveStored: async ({ task }) => {
    try {
      return { with: resolveWith(await unresolvedTask(task, dependencies)) };
    } catch (error) {
      return { error: lastingError(error) };
    }
  },
  gatherInstances: (input) => gather(dependencies, input),
  evaluateOutputs: (input) => outputsOf(dependencies, input),
});

/** Faults of the definition are answers; anything else (Postgres is down, say) is for the retry policy. */
function lastingError(error: unknown): ErrorInfo {
  if (!(error instanceof AppError) || error.retryable) throw error;
  return { code: error.code, message: error.message, retryable: false };
}

async function decide(
  { plans, pool }: ActivityDependencies, { runId, planHash, startedAt, reusesFrom }: DecisionsInput,
  { task: index, status, matchesItems }: DecisionsInput['decisions'][number],
): Promise<DecisionOutcome> {
  const [plan, run] = await Promise.all([plans.plan(planHash), plans.run(runId)]);
  const task = taskAt(plan, index);
  const tasks = await resultScope(plan, task, runId, pool);
  const scope: Scope = { inputs: run.inputs, run: { ...run.context, startedAt }, tasks };
  try {
    if (task.if !== undefined && !evaluateCondition(task.if, scope, status)) return { run: false };
    if (!task.forEach) return { run: true };
    const items = itemsOf(evaluateTemplate(task.forEach.in, scope));
    await saveItems(pool, runId, task.id, items);
    if (!matchesItems || reusesFrom === undefined) return { run: true, items: items.length };
    return { run: true, items: items.length, reused: await reuseInstances(pool, { from: reusesFrom, to: runId }, task, items) };
  } catch (error) {
    return { error: lastingError(error) };
  }
}

async function gather(
  { plans, pool, files, artifacts }: ActivityDependencies, input: Parameters<RunActivities['gatherInstances']>[0],
): ReturnType<RunActivities['gatherInstances']> {
  const { runId, planHash, items } = input;
  const task = typeof input.task === 'number' ? taskAt(await plans.plan(planHash), input.task).id : input.task;
  const list: Json[] = Array.from({ length: items }, () => null);
  for (const { instance, output } of await findInstanceOutputs(pool, runId, task)) list[instance] = output;
  const text = JSON.stringify(list);
  if (Buffer.byteLength(text) <= limits.outputBytes) {
    await saveList(pool, runId, task, { output: list });
    return {};
  }
  const store = new ArtifactStore(files, artifacts, { runId, task, instance: null });
  const artifact = await store.save(`${task}.json`, 'application/json', text);
  await saveList(pool, runId, task, { artifact });
  return { artifact };
}

async function outputsOf(
  { plans, pool }: ActivityDependencies, { runId, planHash, startedAt }: Parameters<RunActivities['evaluateOutputs']>[0],
): ReturnType<RunActivities['evaluateOutputs']> {
  const [plan, run] = await Promise.all([plans.plan(planHash), plans.run(runId)]);
  const templates = plan.outputs ?? {};
  const tasks = await resultsOf(referencesOf(templates).tasks, runId, pool);
  const scope: Scope = { inputs: run.inputs, run: { ...run.context, startedAt }, tasks };
  return evaluateOutputs(templates, scope);
}
