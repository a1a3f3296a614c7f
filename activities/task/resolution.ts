import { findItem, findResults } from '../../db/task-scope';
import { AppError } from '../../domain/errors';
import type { Json, JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import { evaluateTemplate, hasExpression, referencesOf, type Scope, type TaskScope } from '../../domain/pipeline/expressions';
import type { Plan, PlanTask } from '../../domain/pipeline/plan';
import type { RunContext } from '../../domain/pipeline/run';
import type { InlineTask, StoredTask, TaskInput } from '../../domain/pipeline/task-input';
import type { ActivityDependencies } from '../dependencies';
import { taskAt } from '../pipeline/plan-cache';

/** A task's `with` before its expressions are evaluated, and what these may read. */
export interface UnresolvedTask {
  id: string;
  template: JsonObject;
  run: RunContext;
  scope: Scope;
}

type Needed = Pick<ActivityDependencies, 'secrets' | 'plans' | 'pool'>;

/** Finds out what a task reads: from its input, or from the read model when that was too much to travel. */
export async function unresolvedTask(input: TaskInput, needed: Needed): Promise<UnresolvedTask> {
  const { unit, inline, stored } = input;
  if (inline) return withSecrets(inlineTask(unit, inline), needed);
  if (stored) return withSecrets(await storedTask(unit, stored, needed), needed);
  throw new AppError('input_invalid', 'A task needs an inline or a stored input');
}

/** @throws AppError `expression_failed`, `input_too_large` */
export function resolveWith({ template, scope }: UnresolvedTask): JsonObject {
  if (!hasExpression(template)) return template;
  const resolved = evaluateTemplate(template, scope);
  const bytes = Buffer.byteLength(JSON.stringify(resolved));
  if (bytes > limits.resolvedWithBytes) {
    throw new AppError('input_too_large', `\`with\` is ${bytes} bytes after its expressions are evaluated; 1 MiB is the limit. Pass artifacts instead of values`);
  }
  return isObject(resolved) ? resolved : {};
}

function inlineTask({ id, instance }: TaskInput['unit'], inline: InlineTask): UnresolvedTask {
  const { run, inputs = {}, tasks = {}, item } = inline;
  return {
    id, template: inline.with, run,
    scope: { run, inputs, tasks, ...(item && { [item.as]: item.value, index: instance }) },
  };
}

async function storedTask({ instance }: TaskInput['unit'], stored: StoredTask, { plans, pool }: Needed): Promise<UnresolvedTask> {
  const [plan, run] = await Promise.all([plans.plan(stored.planHash), plans.run(stored.runId)]);
  const task = taskAt(plan, stored.index);
  const context: RunContext = { ...run.context, startedAt: stored.startedAt };
  const readsItem = task.forEach !== undefined && instance >= 0;
  // Most tasks of a large run read nothing: every promise counts.
  const [tasks, item] = !task.reads && !readsItem ? [{}] : await Promise.all([
    resultScope(plan, task, stored.runId, pool),
    readsItem ? findItem(pool, stored.runId, task.id, instance) : undefined,
  ]);
  return {
    id: task.id, template: task.with ?? {}, run: context,
    scope: { run: context, inputs: run.inputs, tasks, ...(task.forEach && item !== undefined && { [task.forEach.as]: item, index: instance }) },
  };
}

/** What a task reads of others, from the read model. */
export const resultScope = (plan: Plan, task: PlanTask, runId: string, pool: ActivityDependencies['pool']): Promise<Record<string, TaskScope>> =>
  resultsOf((task.reads ?? []).flatMap((index) => plan.tasks[index]?.id ?? []), runId, pool);

/** Results of tasks by id, as expressions see them; of one that has none yet it says `pending`. */
export async function resultsOf(names: string[], runId: string, pool: ActivityDependencies['pool']): Promise<Record<string, TaskScope>> {
  if (names.length === 0) return {};
  const results = new Map((await findResults(pool, runId, names)).map((result) => [result.task, result]));
  return Object.fromEntries(names.map((name): [string, TaskScope] => {
    const result = results.get(name);
    const succeeded = result?.status === 'succeeded';
    const scope: TaskScope & { artifact?: Json } = {
      output: succeeded ? result.output : null, status: result?.status ?? 'pending',
      error: result?.error ? { code: result.error.code, message: result.error.message } : null,
    };
    if (succeeded && result.artifact) return [name, listScope(scope, name, result.artifact)];
    return [name, scope];
  }));
}

/** A list that was too large for an output: reading it fails, with a word of where it is. */
function listScope(scope: TaskScope, name: string, artifact: object): TaskScope {
  return Object.defineProperty({ ...scope, artifact }, 'output', {
    enumerable: true,
    get: () => { throw new AppError('output_too_large', `The list of \`${name}\` is over 64 KiB; read tasks.${name}.artifact`); },
  });
}

/** A task that names no secrets asks for none. @throws as `Secrets.resolve` */
async function withSecrets(task: UnresolvedTask, { secrets }: Needed): Promise<UnresolvedTask> {
  const names = hasExpression(task.template) ? referencesOf(task.template).secrets : [];
  if (names.length === 0) return task;
  return { ...task, scope: { ...task.scope, secrets: await secrets.resolve(names) } };
}

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
