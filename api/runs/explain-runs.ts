import type { Situation } from '../../domain/pipeline/explain-facts';
import { findPlaceAtTheDoor, listUnitsOnTheirWay } from '../../db/explain-queries';
import { endOfRun } from './explain-ends';
import { stopCause } from './explain-flight';
import { isOpen, pauseOf, type Scene } from './explain-scene';
import { findGroupSituation, type Finding } from './explain-units';
import { nobodyToStart, stuckWorkflow } from './explain-workers';

const mostRows = 50;

/** Where a run stands: before its start, told to pause or to end, or where its tasks are. */
export async function findRunSituation(scene: Scene): Promise<Finding> {
  const { tasks: { run } } = scene;
  const subject = { run: run.id };
  if (!isOpen(scene)) return { subject, situation: await endOfRun(scene) };
  if (run.status === 'queued') return { subject, situation: await beforeTheStart(scene) };
  const stopping = stopOf(scene);
  if (stopping) return { subject, situation: stopping };
  if (run.status === 'paused') return { subject, situation: pauseOf(scene) };
  const execution = await scene.engine.describe(run.workflowId);
  if (typeof execution === 'object' && execution.pause) return { subject, situation: { kind: 'paused', ...execution.pause, in: 'temporal' } };
  const group = await findGroupSituation(scene, await partsOnTheirWay(scene));
  if ('subject' in group) return group;
  if (group.working.length === 0 && typeof execution === 'object') {
    const stuck = await stuckWorkflow(scene, execution.waitingSince);
    if (stuck) return { subject, situation: stuck };
  }
  const { total, succeeded, failed, skipped, cancelled } = run.progress;
  const since = (run.startedAt ?? run.createdAt).toISOString();
  return { subject, situation: { kind: 'progress', of: 'tasks', since, total, final: succeeded + failed + skipped + cancelled, ...group } };
}

/** A `forEach` is where its instances are. */
async function partsOnTheirWay({ deps, tasks }: Scene): ReturnType<typeof listUnitsOnTheirWay> {
  const rows = await listUnitsOnTheirWay(deps.pool, tasks.run.id, null, mostRows);
  const expanded = new Set(rows.flatMap(({ task, instance }) => (instance >= 0 ? [task] : [])));
  return rows.filter(({ task, instance }) => instance >= 0 || !expanded.has(task));
}

function stopOf({ turns: { stop }, tasks: { plan } }: Scene): Situation | undefined {
  if (!stop) return undefined;
  const cleanupUntil = new Date(stop.at.getTime() + plan.cleanupTimeoutMs).toISOString();
  return { kind: 'cancelling', since: stop.at.toISOString(), stop: stopCause(stop), graceUntil: null, cleanupUntil };
}

/** At the door, or admitted while its workflow has shown no sign of life. */
async function beforeTheStart(scene: Scene): Promise<Situation> {
  const { deps, engine, tasks: { run } } = scene;
  const door = await findPlaceAtTheDoor(deps.pool, run.id);
  if (door) return { kind: 'slot', since: run.createdAt.toISOString(), pipeline: run.pipeline, ...door };
  const since = (run.admittedAt ?? run.createdAt).toISOString();
  const execution = await engine.describe(run.workflowId);
  if (execution === 'unreachable') return { kind: 'starting', since, temporalReachable: false };
  const stuck = execution === 'missing' ? await nobodyToStart(scene, since) : await stuckWorkflow(scene, execution.waitingSince);
  return stuck ?? { kind: 'starting', since, temporalReachable: true };
}
