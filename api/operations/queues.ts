import { temporal } from '@temporalio/proto';
import type { Dependencies } from '../dependencies';

export type QueueKind = 'workflow' | 'activity';

export interface QueueState {
  name: string;
  kind: QueueKind;
  /** Worker processes that asked for work in the last minutes. */
  pollers: { identity: string; lastSeenAt: string | null }[];
  /** Tasks that nobody has taken yet, about. */
  backlog: number;
  /** Age of the oldest of them in milliseconds. */
  backlogAgeMs: number;
}

const kinds: Record<QueueKind, temporal.api.enums.v1.TaskQueueType> = {
  workflow: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
};

export type ProtoTime = { seconds?: { toNumber(): number } | null; nanos?: number | null } | null | undefined;
export const millisecondsOf = (time: ProtoTime): number => (time?.seconds?.toNumber() ?? 0) * 1_000 + Math.round((time?.nanos ?? 0) / 1e6);

/** What Temporal knows of a task queue. @throws an error that `isTemporalUnreachable` knows, at the latest after `patienceMs` */
export async function describeQueue(deps: Dependencies, name: string, kind: QueueKind, patienceMs = 5_000): Promise<QueueState> {
  const client = deps.temporal;
  const answer = await client.withDeadline(Date.now() + patienceMs, () => client.workflowService.describeTaskQueue({
    namespace: client.options.namespace, taskQueue: { name }, taskQueueType: kinds[kind], reportStats: true,
  }));
  return {
    name,
    kind,
    pollers: (answer.pollers ?? []).map((poller) => ({
      identity: poller.identity ?? '',
      lastSeenAt: poller.lastAccessTime ? new Date(millisecondsOf(poller.lastAccessTime)).toISOString() : null,
    })),
    backlog: answer.stats?.approximateBacklogCount?.toNumber() ?? 0,
    backlogAgeMs: millisecondsOf(answer.stats?.approximateBacklogAge),
  };
}

/**
 * The queues of this installation: the default one, those that the API is told of, and those that workers have spoken of,
 * for as long as somebody polls them or something waits in them.
 */
export async function listQueues(deps: Dependencies): Promise<QueueState[]> {
  const { TEMPORAL_TASK_QUEUE: main, DATAMCP_WORKER_QUEUES: further } = deps.config;
  const told = new Set([main, ...further]);
  const [workflows, ...activities] = await Promise.all([
    describeQueue(deps, main, 'workflow'),
    ...[...new Set([...told, ...deps.workers.queues()])].map((name) => describeQueue(deps, name, 'activity')),
  ]);
  return [workflows, ...activities.filter(({ name, pollers, backlog }) => told.has(name) || pollers.length > 0 || backlog > 0)];
}
