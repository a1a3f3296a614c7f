import type { ErrorInfo } from '../../domain/errors';
import type { FinalCause, Situation } from '../../domain/pipeline/explain-facts';
import type { PlanTask } from '../../domain/pipeline/plan';
import type { RunStatus, TaskStatus } from '../../domain/pipeline/status';
import { findCancelRequest, findFailedInstance, type UnitRow } from '../../db/explain-queries';
import { findTaskRows } from '../../db/run-task-queries';
import { isOpen, type Scene } from './explain-scene';

type Final = Extract<Situation, { kind: 'final' }>;

const told = (error: ErrorInfo | null): Pick<ErrorInfo, 'code' | 'message'> | null => error && { code: error.code, message: error.message };
const finalStatuses: readonly Final['status'][] = ['succeeded', 'failed', 'skipped', 'cancelled', 'timed_out'];

/** @throws TypeError for a status that is not final */
function finalStatus(status: RunStatus | TaskStatus): Final['status'] {
  const found = finalStatuses.find((each) => each === status);
  if (!found) throw new TypeError(`${status} is not final`);
  return found;
}

/** How a run ended. @throws TypeError when it has not */
export async function endOfRun(scene: Scene): Promise<Situation> {
  const { tasks: { run } } = scene;
  return { kind: 'final', status: finalStatus(run.status), since: run.finishedAt?.toISOString() ?? null, open: false, cause: await causeOfRun(scene) };
}

async function causeOfRun({ deps, turns, tasks: { run } }: Scene): Promise<FinalCause> {
  switch (run.status) {
    case 'cancelled': {
      const request = await findCancelRequest(deps.pool, run.id);
      const by = turns.stop?.data.by ?? request?.by ?? null;
      return { by, why: turns.stop?.data.why ?? request?.reason ?? (by === null ? run.error?.message ?? null : null) };
    }
    case 'timed_out': return { why: run.error?.message ?? null };
    default: return { error: told(run.error) };
  }
}

/** How a task or instance of it ended. @throws TypeError when it has not */
export async function endOfUnit(scene: Scene, task: PlanTask, row: UnitRow): Promise<Situation> {
  return { kind: 'final', status: finalStatus(row.status), since: row.finishedAt?.toISOString() ?? null, open: isOpen(scene), cause: await causeOfUnit(scene, task, row) };
}

/** A task of a run that ended without a word about it: it never started. */
export async function endWithoutRow(scene: Scene): Promise<Situation> {
  const { tasks: { run } } = scene;
  const { by, why } = await causeOfRun(scene);
  return { kind: 'final', status: 'cancelled', since: run.finishedAt?.toISOString() ?? null, open: false, cause: { reason: run.status === 'timed_out' ? 'timed_out' : 'cancelled', by, why } };
}

async function causeOfUnit(scene: Scene, task: PlanTask, row: UnitRow): Promise<FinalCause> {
  const { stop } = scene.turns;
  switch (row.reason) {
    case null: return ownCause(scene, task, row);
    case 'need': return { reason: 'need', task: await needOf(scene, task) };
    case 'request': return { reason: 'request', by: scene.turns.cancelOf(row.generation)?.data.by ?? null };
    case 'condition':
    case 'instance': return { reason: row.reason };
    case 'cancelled':
    case 'timed_out':
    case 'failed': return { reason: row.reason, by: stop?.data.by ?? null, why: stop?.data.why ?? null };
  }
}

async function ownCause({ deps, tasks: { run } }: Scene, task: PlanTask, row: UnitRow): Promise<FinalCause> {
  const cause: FinalCause = { attempt: row.attempt, error: told(row.error) };
  if (row.status !== 'failed' || row.error || !task.forEach || row.instance >= 0) return cause;
  const failed = await findFailedInstance(deps.pool, run.id, task.id);
  return failed ? { ...cause, task: `${task.id}[${failed.instance}]`, error: told(failed.error) } : cause;
}

/** The need that a task was skipped or cancelled for: a cancelled one outweighs the others. */
async function needOf({ deps, tasks }: Scene, task: PlanTask): Promise<string> {
  const needs = tasks.needsOf(task);
  const rows = await findTaskRows(deps.pool, tasks.run.id, needs);
  const statusOf = (need: string): TaskStatus | undefined => rows.get(need)?.status;
  const isUnmet = (need: string): boolean =>
    statusOf(need) === 'skipped' || (statusOf(need) === 'failed' && tasks.find(need)?.continueOnError !== true);
  return needs.find((need) => statusOf(need) === 'cancelled') ?? needs.find(isUnmet) ?? '';
}
