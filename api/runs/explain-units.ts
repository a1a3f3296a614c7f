import { AppError } from '../../domain/errors';
import { nameOf } from '../../domain/pipeline/explain';
import { heldUp, isAtWork, keptBy, type Part } from '../../domain/pipeline/explain-choice';
import type { Situation, Subject } from '../../domain/pipeline/explain-facts';
import type { PlanTask } from '../../domain/pipeline/plan';
import { isFinalTask } from '../../domain/pipeline/status';
import { countInstances, findUnit, listUnitsOnTheirWay, type UnitRow } from '../../db/explain-queries';
import { findTaskRows } from '../../db/run-task-queries';
import type { UnitPlace } from '../../workflows/pipeline/contract';
import { batchSizes } from '../../workflows/task/contract';
import { endOfUnit, endWithoutRow } from './explain-ends';
import { askForPlace, atWork, situationOfRow } from './explain-flight';
import { isOpen, pauseOf, type Scene } from './explain-scene';

/** Of many parts that are on their way, so many are looked at. */
const mostParts = 20;

/** What an explanation is about, and how that stands. */
export interface Finding {
  subject: Subject;
  situation: Situation;
}

/** Where a task stands, or an instance of its `forEach`; of a run that has started. @throws AppError `not_found` */
export async function findTaskSituation(scene: Scene, task: PlanTask, instance: number): Promise<Finding> {
  const { deps, tasks: { run } } = scene;
  const subject: Subject = { run: run.id, task: task.id, ...(instance >= 0 && { instance }) };
  const row = await findUnit(deps.pool, run.id, task.id, instance);
  if (row && isFinalTask(row.status)) return { subject, situation: await endOfUnit(scene, task, row) };
  const counts = task.forEach ? await countInstances(deps.pool, run.id, task.id) : null;
  if (counts && instance >= counts.total) throw new AppError('not_found', `${task.id} has no instance ${instance}: it has ${counts.total}.`);
  // Before its `forEach` is expanded, and if it never was, an instance is where its task is.
  if (instance >= 0 && !counts && !row) return findTaskSituation(scene, task, -1);
  if (!isOpen(scene)) return { subject, situation: await endWithoutRow(scene) };
  if (counts && instance < 0) {
    const kept = await findGroupSituation(scene, await listUnitsOnTheirWay(deps.pool, run.id, task.id, mostParts));
    const since = row?.startedAt?.toISOString() ?? null;
    return 'subject' in kept ? kept : { subject, situation: { kind: 'progress', of: 'instances', since, ...counts, ...kept } };
  }
  if (row && row.status !== 'pending') return { subject, situation: await situationOfRow(scene, task, row) };
  return { subject, situation: await waitingToStart(scene, task, instance) };
}

/** The part that keeps a run or a `forEach`, or else what of it is at work. */
export async function findGroupSituation(scene: Scene, rows: UnitRow[]): Promise<Finding | Pick<Extract<Situation, { kind: 'progress' }>, 'working' | 'heldUp'>> {
  const parts: Part[] = [];
  for (const row of rows.slice(0, mostParts)) {
    const task = scene.tasks.find(row.task);
    const subject: Subject = { run: scene.tasks.run.id, task: row.task, ...(row.instance >= 0 && { instance: row.instance }) };
    // Asking the workflow is dear: a timer is looked at while nothing is known to be at work.
    if (task && !(row.status === 'waiting' && task.uses !== 'approval' && parts.some(isAtWork))) parts.push({ subject, situation: await situationOfRow(scene, task, row) });
  }
  return keptBy(parts) ?? { working: parts.filter(isAtWork).map(({ subject }) => nameOf(subject)), heldUp: heldUp(parts) };
}

/** Not on its way as far as the rows know: needs, a pause, a decision, or no room yet. */
async function waitingToStart(scene: Scene, task: PlanTask, instance: number): Promise<Situation> {
  const { deps, tasks } = scene;
  const needs = tasks.needsOf(task);
  const rows = await findTaskRows(deps.pool, tasks.run.id, needs);
  const open = needs.filter((need) => !isFinalTask(rows.get(need)?.status ?? 'pending'));
  const begin = tasks.run.startedAt ?? tasks.run.createdAt;
  if (open.length > 0) return { kind: 'needs', since: begin.toISOString(), open, total: needs.length };
  if (tasks.run.status === 'paused') return pauseOf(scene);
  const since = new Date(Math.max(begin.getTime(), ...needs.map((need) => rows.get(need)?.finishedAt?.getTime() ?? 0))).toISOString();
  const answer = await askForPlace(scene, task, instance);
  return 'kind' in answer ? answer : situationOfPlace(scene, task, instance, answer, since);
}

function situationOfPlace(scene: Scene, task: PlanTask, instance: number, place: UnitPlace, since: string): Situation | Promise<Situation> {
  const { inFlight } = place;
  switch (place.phase) {
    case 'pending': return { kind: 'needs', since, open: scene.tasks.needsOf(task), total: task.needs?.length ?? 0 };
    case 'deciding': return { kind: 'deciding', since, expressions: [...(task.if === undefined ? [] : ['if' as const]), ...(task.forEach ? ['forEach' as const] : [])] };
    case 'ready': return { kind: 'room', since, of: instance < 0 ? 'run' : 'forEach', inFlight, most: instance < 0 ? null : task.forEach?.maxParallel ?? null };
    case 'in_flight': return handedOut(scene, task, instance, place.batch, since);
    // Its end is on its way to the rows.
    case 'final': return { kind: 'dispatched', since, queue: null };
  }
}

/** Of a large run: what was handed out has no row before it runs, and in a batch it may wait for its turn. */
async function handedOut(scene: Scene, task: PlanTask, instance: number, batch: string | null, since: string): Promise<Situation> {
  const found = await atWork(scene, task, { ...unknownRow, updatedAt: new Date(since), task: task.id, instance }, batch);
  if (found.kind !== 'dispatched' || batch === null) return found;
  const execution = await scene.engine.describe(batch);
  const inFlight = typeof execution === 'object' ? execution.attempts.size : 0;
  return { kind: 'room', since, of: 'batch', inFlight, most: batchSizes.window };
}

const unknownRow = {
  generation: 0, attempt: 0, status: 'queued', reason: null, startedAt: null, finishedAt: null, error: null, progress: null, worker: null, failure: null,
} as const;
