import type { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Json } from '../../domain/json';
import { diffDefinitions, type DefinitionDiff } from '../../domain/pipeline/diff/definition-diff';
import { excerpts } from '../../domain/pipeline/diff/excerpts';
import { diffArtifacts, diffValues, durationDiffers, type ValueDiff } from '../../domain/pipeline/diff/run-diff';
import type { Plan } from '../../domain/pipeline/plan';
import { findTaskPairs, type ComparedRun, type ComparedTask, type TaskPair } from '../../db/run-diff';
import type { RunRow } from '../../db/run-queries';
import type { Dependencies } from '../dependencies';
import { requireRun } from './plan-tasks';
import { statusWithoutRow } from './views';
import type { runDiffSchema } from './diff-schemas';

type RunDiff = z.input<typeof runDiffSchema>;
type TaskDiff = RunDiff['tasks'][number];

/** One of the two runs, with the tasks of its definition. */
interface Side {
  run: RunRow;
  tasks: ReadonlySet<string>;
}

const mostTasks = 1_000;
/** Of larger values the surroundings of the first difference are told. */
const shownLength = 2_048;

/** Compares two runs of one pipeline. @throws AppError `not_found`, `run.unrelated` */
export async function diffRuns(deps: Dependencies, leftId: string, rightId: string): Promise<RunDiff> {
  const [left, right] = await Promise.all([requireRun(deps, leftId), requireRun(deps, rightId)]);
  if (left.pipeline !== right.pipeline) {
    throw new AppError('run.unrelated', `One is a run of ${left.pipeline}, the other of ${right.pipeline}: only runs of one pipeline can be compared.`);
  }
  const [before, after] = await Promise.all([deps.plans.get(deps.pool, left.planHash), deps.plans.get(deps.pool, right.planHash)]);
  const definition = left.planHash === right.planHash ? { fields: [], tasks: [] } : diffDefinitions(before.plan, after.plan);
  const redefined = new Set(definition.tasks.map(({ id }) => id));
  const { tasks, truncated } = await diffTasks(deps, sideOf(left, before.plan), sideOf(right, after.plan), redefined);
  const order = new Map([...after.plan.tasks, ...before.plan.tasks].reverse().map(({ id }, index) => [id, -index]));
  return {
    pipeline: left.pipeline, left: comparedRun(left), right: comparedRun(right), definition: boundedDefinition(definition), truncated,
    inputs: diffValues(left.inputs, right.inputs).map(bounded),
    outputs: diffValues(left.outputs ?? {}, right.outputs ?? {}, withoutIds).map(bounded),
    tasks: tasks.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0)),
  };
}

const sideOf = (run: RunRow, { tasks }: Plan): Side => ({ run, tasks: new Set(tasks.map(({ id }) => id)) });

async function diffTasks(deps: Dependencies, left: Side, right: Side, redefined: ReadonlySet<string>): Promise<{ tasks: TaskDiff[]; truncated: boolean }> {
  const artifacts = diffArtifacts(await deps.artifacts.listByRun(left.run.id), await deps.artifacts.listByRun(right.run.id));
  const compared = ({ run }: Side): ComparedRun => ({ id: run.id, withoutRow: statusWithoutRow(run) });
  const pairs = await findTaskPairs(deps.pool, compared(left), compared(right), [...redefined, ...artifacts.keys()], mostTasks + 1);
  const tasks = pairs.slice(0, mostTasks).map((found): TaskDiff => {
    const pair = { ...found, left: found.left ?? unstarted(left, found.task), right: found.right ?? unstarted(right, found.task) };
    const own = artifacts.get(pair.task) ?? [];
    return { id: pair.task, differs: differsOf(pair, redefined, own), left: pair.left, right: pair.right, artifacts: own };
  });
  return { tasks, truncated: pairs.length > mostTasks };
}

/** A task that has no row; null where the definition does not have it. */
const unstarted = ({ run, tasks }: Side, task: string): ComparedTask | null =>
  (tasks.has(task) ? { status: statusWithoutRow(run), attempt: 0, durationMs: null, reusedFrom: null, output: null, outputBytes: 0 } : null);

function differsOf({ task, left, right, outputDiffers }: TaskPair, redefined: ReadonlySet<string>, artifacts: TaskDiff['artifacts']): TaskDiff['differs'] {
  return [
    ...(redefined.has(task) ? ['definition' as const] : []),
    ...(left?.status === right?.status ? [] : ['status' as const]),
    ...(outputDiffers ? ['output' as const] : []),
    ...(artifacts.length > 0 ? ['artifacts' as const] : []),
    ...(durationDiffers(left?.durationMs ?? null, right?.durationMs ?? null) ? ['duration' as const] : []),
  ];
}

const comparedRun = ({ id, version, status, rerunOf, createdAt, startedAt, finishedAt }: RunRow): RunDiff['left'] => ({
  id, version, status, rerunOf, createdAt: createdAt.toISOString(),
  durationMs: startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
});

/** Ids of artifacts are those of their runs, and no difference between these. */
function withoutIds(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' && value.startsWith('artifact://') ? '' : value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutIds(part)]));
}

const boundedDefinition = ({ fields, tasks }: DefinitionDiff): DefinitionDiff => ({
  fields: fields.map(bounded), tasks: tasks.map((task) => ({ ...task, fields: task.fields.map(bounded) })),
});

function bounded(diff: ValueDiff): ValueDiff {
  const [before, after] = [diff.left, diff.right].map((value) => (value === undefined ? '' : JSON.stringify(value)));
  if (Math.max(before?.length ?? 0, after?.length ?? 0) <= shownLength) return diff;
  const [left, right] = excerpts(before ?? '', after ?? '', shownLength);
  return { name: diff.name, ...(diff.left !== undefined && { left }), ...(diff.right !== undefined && { right }) };
}
