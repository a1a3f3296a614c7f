import { limits } from '../../domain/limits';
import { dispatchOf, isQuick } from '../../domain/pipeline/dispatch';
import type { Situation, StopCause } from '../../domain/pipeline/explain-facts';
import { statusNames } from '../../domain/pipeline/expressions';
import type { PlanTask } from '../../domain/pipeline/plan';
import { findAwaitedDecision, findChildRun, type FailureRow, type Turn, type UnitRow } from '../../db/explain-queries';
import { ApprovalLinks } from '../../platform/approval-links';
import { stepApprovalWorkflowId } from '../../workflows/approval/contract';
import type { UnitPlace } from '../../workflows/pipeline/contract';
import { taskActivityId } from '../../workflows/task/contract';
import { queryPatienceMs, type PendingAttempt } from './explain-engine';
import type { Scene } from './explain-scene';
import { noAnswer, queueOrNobody, stuckWorkflow } from './explain-workers';

const timeOf = (time: Date | null | undefined): string | null => time?.toISOString() ?? null;

/** Where a unit is that is on its way, by its row and by Temporal. */
export async function situationOfRow(scene: Scene, task: PlanTask, row: UnitRow): Promise<Situation> {
  const turn = turnAgainst(scene, task, row);
  if (turn) return cancelling(turn);
  if (row.status !== 'waiting') return atWork(scene, task, row, null);
  switch (task.uses) {
    case 'pipeline.run': return withChild(scene, row);
    case 'approval': return withRequest(scene, row);
    default: return withTimer(scene, task, row);
  }
}

/** The word that told a unit to end. What is for clean-up goes on, or has begun since. */
function turnAgainst({ turns }: Scene, task: PlanTask, row: UnitRow): Turn | undefined {
  const alone = turns.cancelOf(row.generation);
  if (alone) return alone;
  const spared = (task.if !== undefined && statusNames(task.if).has('always')) || (row.startedAt && turns.stop && row.startedAt > turns.stop.at);
  return spared ? undefined : turns.stop;
}

export const stopCause = ({ type, data }: Turn): StopCause =>
  ({ reason: type === 'task.cancelling' ? 'request' : data.reason ?? 'cancelled', by: data.by ?? null, why: data.why ?? null });

const cancelling = (turn: Turn): Situation => ({
  kind: 'cancelling', since: turn.at.toISOString(), stop: stopCause(turn),
  graceUntil: new Date(turn.at.getTime() + limits.cancelGraceMs).toISOString(), cleanupUntil: null,
});

/**
 * Where a unit is that was handed out: as Temporal says, and where it has no word of its own, as the row does.
 * @param batch the workflow that carries it out, if that is not the run's own
 */
export async function atWork(scene: Scene, task: PlanTask, row: UnitRow, batch: string | null): Promise<Situation> {
  const { tasks: { run, plan }, engine, deps } = scene;
  const execution = await engine.describe(batch ?? run.workflowId);
  const known = typeof execution === 'object' ? execution : undefined;
  const pending = known?.attempts.get(taskActivityId({ ...row, id: row.task }));
  if (pending) return situationOfAttempt(scene, row, pending);
  if (row.failure && row.failure.attempt >= row.attempt) return retryOfRow(scene, task, row.failure);
  const stuck = await stuckWorkflow(scene, known?.waitingSince ?? null);
  if (stuck) return stuck;
  const dispatch = dispatchOf(plan, task);
  if (row.status === 'running') return running(row, dispatch.retry.maxAttempts);
  return { kind: 'dispatched', since: row.updatedAt.toISOString(), queue: isQuick(dispatch) ? null : dispatch.queue ?? deps.config.TEMPORAL_TASK_QUEUE };
}

function situationOfAttempt(scene: Scene, row: UnitRow, pending: PendingAttempt): Situation | Promise<Situation> {
  const { attempt, maxAttempts, startedAt, endedAt, nextAt, worker, queue, scheduledAt } = pending;
  switch (pending.state) {
    case 'started': return { ...running(row, maxAttempts), since: startedAt, attempt, worker };
    case 'cancelling': return { kind: 'cancelling', since: null, stop: { reason: 'request', by: null, why: null }, graceUntil: null, cleanupUntil: null };
    case 'scheduled': {
      if (nextAt === null || Date.parse(nextAt) <= Date.now()) return queueOrNobody(scene, nextAt ?? scheduledAt, queue ?? scene.deps.config.TEMPORAL_TASK_QUEUE);
      const { code, message } = pending.lost ?? row.failure?.error ?? pending.failure;
      return { kind: 'retry', since: endedAt, attempt: attempt - 1, maxAttempts, nextAt, error: { code, message } };
    }
  }
}

/** As its worker said: quick tasks have no attempts that Temporal knows of. */
function retryOfRow({ tasks: { plan } }: Scene, task: PlanTask, { attempt, finishedAt, retryAt, error: { code, message } }: FailureRow): Situation {
  return { kind: 'retry', since: finishedAt, attempt, maxAttempts: dispatchOf(plan, task).retry.maxAttempts, nextAt: retryAt, error: { code, message } };
}

const running = ({ startedAt, attempt, worker, progress }: UnitRow, maxAttempts: number | null): Extract<Situation, { kind: 'running' }> => ({
  kind: 'running', since: timeOf(startedAt), attempt: Math.max(1, attempt), maxAttempts, worker,
  percent: progress?.percent ?? null, message: progress?.message ?? null,
});

async function withChild({ deps, tasks: { run } }: Scene, row: UnitRow): Promise<Situation> {
  const child = await findChildRun(deps.pool, run.id, row);
  return { kind: 'child', since: timeOf(row.startedAt), child: child ? { run: child.id, pipeline: child.pipeline, status: child.status } : null };
}

/** Once it has been made, people keep it; before that, at worst its workflow waits for a worker. */
async function withRequest(scene: Scene, row: UnitRow): Promise<Situation> {
  const { deps, tasks: { run }, engine } = scene;
  const since = timeOf(row.startedAt);
  const workflowId = stepApprovalWorkflowId(run.id, row.task, row.instance, row.generation);
  const found = await findAwaitedDecision(deps.pool, workflowId);
  if (found) {
    const { title, ...request } = found;
    return { kind: 'approval', since, title, workflowId, request: { ...request, link: new ApprovalLinks(deps.config, deps.approvalTokens).door(request.id) } };
  }
  const execution = await engine.describe(workflowId);
  return (await stuckWorkflow(scene, typeof execution === 'object' ? execution.waitingSince : null)) ?? { kind: 'dispatched', since, queue: null };
}

/** Only the workflow knows when its timer ends. */
async function withTimer(scene: Scene, task: PlanTask, row: UnitRow): Promise<Situation> {
  const since = timeOf(row.startedAt);
  const answer = await askForPlace(scene, task, row.instance);
  if ('kind' in answer) return answer;
  return answer.until === null ? { kind: 'dispatched', since, queue: null } : { kind: 'timer', since, until: answer.until };
}

/** Asks the workflow where a unit is; else why it does not say. */
export async function askForPlace(scene: Scene, task: PlanTask, instance: number): Promise<UnitPlace | Situation> {
  const { tasks: { run, plan }, engine } = scene;
  if ((await engine.describe(run.workflowId)) === 'unreachable') return { kind: 'unanswered', since: null, temporalReachable: false, patienceMs: queryPatienceMs };
  const askedAt = Date.now();
  const answer = await engine.ask(run.workflowId, { task: plan.tasks.indexOf(task), instance });
  return answer?.unit ?? noAnswer(scene, askedAt);
}
