import type { Situation } from '../../domain/pipeline/explain-facts';
import { queryPatienceMs } from './explain-engine';
import type { Scene } from './explain-scene';

/** A worker that is alive and has room asks at least once a minute: a poll is answered after that, or empty. */
const longestPollMs = 65_000;
/** So long something may lie on a queue without a reason. */
const usualMs = 5_000;

/** Why what lies on a queue for activities is not taken. */
export async function queueOrNobody(scene: Scene, since: string | null, queue: string): Promise<Situation> {
  const news = await scene.engine.queue(queue, 'activity');
  if (!news) return { kind: 'dispatched', since, queue };
  return isSilent(news.lastSeenAt) ? { kind: 'no_worker', since, work: 'activity', queue, lastSeenAt: news.lastSeenAt } : { kind: 'queued', since, queue, backlog: news.backlog };
}

const isSilent = (lastSeenAt: string | null): boolean => lastSeenAt === null || Date.now() - Date.parse(lastSeenAt) > longestPollMs;

/**
 * Whether the workflow of a run itself waits for a worker, and nobody has asked for work since; null when not.
 * @param waitingSince by Temporal's clock, as the times of the pollers are
 */
export async function stuckWorkflow(scene: Scene, waitingSince: string | null): Promise<Situation | null> {
  if (waitingSince === null || Date.now() - Date.parse(waitingSince) < usualMs) return null;
  const queue = scene.deps.config.TEMPORAL_TASK_QUEUE;
  const news = await scene.engine.queue(queue, 'workflow');
  if (!news || (news.lastSeenAt !== null && news.lastSeenAt > waitingSince)) return null;
  return { kind: 'no_worker', since: waitingSince, work: 'workflow', queue, lastSeenAt: news.lastSeenAt };
}

/** Whether nobody is there to start a run that has no workflow yet, which is what workers do; null when not. */
export async function nobodyToStart(scene: Scene, since: string): Promise<Situation | null> {
  const queue = scene.deps.config.TEMPORAL_TASK_QUEUE;
  const news = await scene.engine.queue(queue, 'workflow');
  return news && isSilent(news.lastSeenAt) ? { kind: 'no_worker', since, work: 'workflow', queue, lastSeenAt: news.lastSeenAt } : null;
}

/**
 * Why the workflow did not answer: nobody is there to do it, or it takes too long.
 * @param askedAt milliseconds since the epoch
 */
export async function noAnswer(scene: Scene, askedAt: number): Promise<Situation> {
  const queue = scene.deps.config.TEMPORAL_TASK_QUEUE;
  const news = await scene.engine.queue(queue, 'workflow');
  if (!news) return { kind: 'unanswered', since: null, temporalReachable: false, patienceMs: queryPatienceMs };
  const seen = news.lastSeenAt === null ? 0 : Date.parse(news.lastSeenAt);
  // A worker that is there would have taken the question, and asked for more.
  if (seen < askedAt) return { kind: 'no_worker', since: news.lastSeenAt, work: 'workflow', queue, lastSeenAt: news.lastSeenAt };
  return { kind: 'unanswered', since: null, temporalReachable: true, patienceMs: queryPatienceMs };
}
