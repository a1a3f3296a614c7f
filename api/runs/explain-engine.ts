import { temporal } from '@temporalio/proto';
import type { ErrorInfo } from '../../domain/errors';
import type { Unit } from '../../domain/pipeline/run-state';
import { isWorkflowNotFound } from '../../platform/temporal';
import { explainQuery, type ExplainAnswer, type ExplainRequest } from '../../workflows/pipeline/contract';
import type { Dependencies } from '../dependencies';
import { describeQueue, millisecondsOf, type ProtoTime, type QueueKind } from '../operations/queues';

const describePatienceMs = 2_000;
/** How long the workflow of a run has to answer: one that was evicted replays its history first. */
export const queryPatienceMs = 3_000;

/** An attempt of an activity, as Temporal sees it. Times are RFC 3339. */
export interface PendingAttempt {
  queue: string | null;
  state: 'scheduled' | 'started' | 'cancelling';
  attempt: number;
  maxAttempts: number | null;
  scheduledAt: string | null;
  startedAt: string | null;
  /** Of the attempt before. */
  endedAt: string | null;
  nextAt: string | null;
  worker: string | null;
  /** How the attempt before ended, if Temporal says more than that it failed. */
  lost: Pick<ErrorInfo, 'code' | 'message'> | null;
  failure: Pick<ErrorInfo, 'code' | 'message'>;
}

/** A workflow, as Temporal's server knows it without asking a worker. */
export interface Execution {
  attempts: Map<string, PendingAttempt>;
  /** Since when the workflow itself waits for a worker to take it up. */
  waitingSince: string | null;
  pause: { by: string | null; since: string | null } | null;
}

export interface QueueNews {
  /** When a worker last asked for work, within some minutes. */
  lastSeenAt: string | null;
  backlog: number;
}

/** What Temporal says for one request: each question is asked once, and for a bounded time. */
export class RunEngine {
  private readonly executions = new Map<string, Promise<Execution | 'missing' | 'unreachable'>>();
  private readonly queues = new Map<string, Promise<QueueNews | null>>();

  constructor(private readonly deps: Dependencies) {}

  describe(workflowId: string): Promise<Execution | 'missing' | 'unreachable'> {
    return remember(this.executions, workflowId, () => this.askForExecution(workflowId));
  }

  /** Null when Temporal does not say. */
  queue(name: string, kind: QueueKind): Promise<QueueNews | null> {
    return remember(this.queues, `${kind} ${name}`, () => this.askForQueue(name, kind));
  }

  /** Asks the workflow itself. Null when it did not answer in time: no worker, a busy one, or Temporal is away. */
  async ask(workflowId: string, unit: Unit): Promise<ExplainAnswer | null> {
    const { temporal: client } = this.deps;
    try {
      return await client.withDeadline(Date.now() + queryPatienceMs, () =>
        client.workflow.getHandle(workflowId).query<ExplainAnswer, [ExplainRequest]>(explainQuery, unit));
    } catch (error) {
      this.deps.logger.info('a workflow did not explain itself', { workflowId, error });
      return null;
    }
  }

  private async askForExecution(workflowId: string): Promise<Execution | 'missing' | 'unreachable'> {
    const { temporal: client } = this.deps;
    try {
      const { raw } = await client.withDeadline(Date.now() + describePatienceMs, () => client.workflow.getHandle(workflowId).describe());
      return executionOf(raw);
    } catch (error) {
      if (isWorkflowNotFound(error)) return 'missing';
      this.deps.logger.info('Temporal could not be asked about a run', { workflowId, error });
      return 'unreachable';
    }
  }

  private async askForQueue(name: string, kind: QueueKind): Promise<QueueNews | null> {
    const state = await describeQueue(this.deps, name, kind, describePatienceMs).catch(() => null);
    const seen = (state?.pollers ?? []).flatMap(({ lastSeenAt }) => lastSeenAt ?? []).sort();
    return state && { lastSeenAt: seen.at(-1) ?? null, backlog: state.backlog };
  }
}

function remember<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}

type Described = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type Pending = temporal.api.workflow.v1.IPendingActivityInfo;
type Failure = temporal.api.failure.v1.IFailure;
const { PendingActivityState, PendingWorkflowTaskState, TimeoutType } = temporal.api.enums.v1;

const timeOf = (time: ProtoTime): string | null => (time ? new Date(millisecondsOf(time)).toISOString() : null);

function executionOf({ pendingActivities, pendingWorkflowTask: task, workflowExtendedInfo }: Described): Execution {
  const isWaiting = task?.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED;
  const pause = workflowExtendedInfo?.pauseInfo;
  return {
    attempts: new Map((pendingActivities ?? []).map((pending) => [pending.activityId ?? '', attemptOf(pending)])),
    waitingSince: isWaiting ? timeOf(task.originalScheduledTime ?? task.scheduledTime) : null,
    pause: pause ? { by: pause.identity || null, since: timeOf(pause.pausedTime) } : null,
  };
}

const attemptOf = (pending: Pending): PendingAttempt => ({
  queue: pending.activityOptions?.taskQueue?.name ?? null,
  state: stateOf(pending),
  attempt: pending.attempt || 1,
  maxAttempts: pending.maximumAttempts || null,
  scheduledAt: timeOf(pending.scheduledTime),
  startedAt: timeOf(pending.lastStartedTime),
  endedAt: timeOf(pending.lastAttemptCompleteTime),
  nextAt: timeOf(pending.nextAttemptScheduleTime),
  worker: pending.lastWorkerIdentity || null,
  lost: lostOf(pending.lastFailure),
  failure: { code: pending.lastFailure?.applicationFailureInfo?.type ?? 'task_failed', message: pending.lastFailure?.message ?? 'Failed' },
});

function stateOf({ state }: Pending): PendingAttempt['state'] {
  switch (state) {
    case PendingActivityState.PENDING_ACTIVITY_STATE_STARTED: return 'started';
    case PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: return 'cancelling';
    default: return 'scheduled';
  }
}

/** A time-out is the server's own finding, of which no row can know. */
function lostOf(failure: Failure | null | undefined): PendingAttempt['lost'] {
  const type = failure?.timeoutFailureInfo?.timeoutType;
  if (type === undefined || type === null) return null;
  return type === TimeoutType.TIMEOUT_TYPE_HEARTBEAT
    ? { code: 'worker_lost', message: 'The worker that ran it was lost' }
    : { code: 'timed_out', message: 'It did not end within its timeout' };
}
