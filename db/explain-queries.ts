import type { ErrorInfo } from '../domain/errors';
import type { AwaitedDecision } from '../domain/pipeline/explain-facts';
import type { ChangeReason, StopReason } from '../domain/pipeline/run-state';
import type { RunStatus, TaskStatus } from '../domain/pipeline/status';
import type { Queryable } from '../platform/postgres';

/** A task or instance as those who explain it must know it: its row, and the newest attempt of it that failed. */
export interface UnitRow {
  task: string;
  /** -1 for the task itself. */
  instance: number;
  generation: number;
  attempt: number;
  status: TaskStatus;
  reason: ChangeReason | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
  error: ErrorInfo | null;
  progress: { percent: number; message?: string } | null;
  worker: string | null;
  /** Of an attempt of this generation. */
  failure: FailureRow | null;
}
export interface FailureRow {
  attempt: number;
  /** RFC 3339. */
  finishedAt: string;
  error: ErrorInfo;
  /** When the next one begins, RFC 3339; null when there is none. */
  retryAt: string | null;
}

const rfc3339 = (column: string): string => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const unitColumns = `t.task, t.instance, t.generation, t.attempt, t.status, t.reason, t.started_at as "startedAt",
  t.finished_at as "finishedAt", t.updated_at as "updatedAt", t.error, t.progress, t.worker,
  (select json_build_object('attempt', a.attempt, 'finishedAt', ${rfc3339('a.finished_at')}, 'error', a.error, 'retryAt', ${rfc3339('a.retry_at')})
   from task_attempts a
   where a.run_id = t.run_id and a.task = t.task and a.instance = t.instance and a.generation = t.generation and a.error is not null
   order by a.attempt desc limit 1) as failure`;

/** Undefined while nothing is known of it. */
export async function findUnit(db: Queryable, runId: string, task: string, instance: number): Promise<UnitRow | undefined> {
  const { rows } = await db.query<UnitRow>(
    `select ${unitColumns} from run_tasks t where t.run_id = $1 and t.task = $2 and t.instance = $3`, [runId, task, instance]);
  return rows[0];
}

/** What is on its way: of a run, or the instances of one `forEach`; the oldest first. */
export async function listUnitsOnTheirWay(db: Queryable, runId: string, task: string | null, limit: number): Promise<UnitRow[]> {
  const { rows } = await db.query<UnitRow>(
    `select ${unitColumns} from run_tasks t
     where t.run_id = $1 and t.status in ('queued', 'running', 'waiting') and ($2::text is null or (t.task = $2 and t.instance >= 0))
     order by t.started_at nulls last, t.task, t.instance limit $3`, [runId, task, limit]);
  return rows;
}

/** How many instances a `forEach` has, and how many of them are final; null before it was expanded. */
export async function countInstances(db: Queryable, runId: string, task: string): Promise<{ total: number; final: number } | null> {
  const { rows } = await db.query<{ total: number | null; final: number }>(
    `select json_array_length(t.items) as total,
            (select count(*)::int from run_tasks i where i.run_id = t.run_id and i.task = t.task and i.instance >= 0 and i.final) as final
     from run_tasks t where t.run_id = $1 and t.task = $2 and t.instance = -1`, [runId, task]);
  const [row] = rows;
  return row && row.total !== null ? { total: row.total, final: row.final } : null;
}

/** The first instance that failed, of a `forEach` that failed because of it. */
export async function findFailedInstance(db: Queryable, runId: string, task: string): Promise<{ instance: number; error: ErrorInfo | null } | undefined> {
  const { rows } = await db.query<{ instance: number; error: ErrorInfo | null }>(
    `select instance, error from run_tasks where run_id = $1 and task = $2 and instance >= 0 and status = 'failed' order by instance limit 1`, [runId, task]);
  return rows[0];
}

/** A cancel that was asked for and kept with the row. */
export async function findCancelRequest(db: Queryable, runId: string): Promise<{ by?: string; reason?: string } | null> {
  const { rows } = await db.query<{ request: { by?: string; reason?: string } | null }>('select cancel_requested as request from runs where id = $1', [runId]);
  return rows[0]?.request ?? null;
}

/** A turn that the run, or one of its tasks, took: who asked for it, and why. */
export interface Turn {
  type: 'run.paused' | 'run.resumed' | 'run.cancelling' | 'run.stopping' | 'task.cancelling';
  at: Date;
  data: { by?: string; why?: string; reason?: StopReason; generation?: number };
}

/** The newest turns of a run, the newest first; those of tasks are of this task only. */
export async function listTurns(db: Queryable, runId: string, task: string | null): Promise<Turn[]> {
  const { rows } = await db.query<Turn>(
    `select type, at, data from run_events
     where run_id = $1 and type in ('run.paused', 'run.resumed', 'run.cancelling', 'run.stopping', 'task.cancelling')
       and (type <> 'task.cancelling' or data ->> 'task' = $2)
     order by seq desc limit 10`, [runId, task]);
  return rows;
}

/** Where a run stands at the door; undefined when it does not wait there (any more). */
export interface DoorRow {
  key: string;
  limit: number;
  /** From 1 on. */
  place: number;
  /** Runs that hold the slots, the oldest first. */
  holders: string[];
}

export async function findPlaceAtTheDoor(db: Queryable, runId: string): Promise<DoorRow | undefined> {
  const { rows } = await db.query<DoorRow>(
    `select r.concurrency_key as key, r.concurrency_limit as limit,
            (select count(*)::int + 1 from runs w
             where w.pipeline = r.pipeline and w.concurrency_key = r.concurrency_key and w.admitted_at is null
               and w.status = 'queued' and (w.priority, w.id) < (r.priority, r.id)) as place,
            (select coalesce(json_agg(h.id order by h.admitted_at), '[]') from runs h
             where h.pipeline = r.pipeline and h.concurrency_key = r.concurrency_key and h.admitted_at is not null
               and h.finished_at is null) as holders
     from runs r where r.id = $1 and r.admitted_at is null and r.status = 'queued'`, [runId]);
  return rows[0];
}

export interface ChildRow {
  id: string;
  pipeline: string;
  status: RunStatus;
}

/** The child run of a step; a child's workflow id ends with the task, item and generation that it is for. */
export async function findChildRun(db: Queryable, runId: string, { task, instance, generation }: Pick<UnitRow, 'task' | 'instance' | 'generation'>): Promise<ChildRow | undefined> {
  const { rows } = await db.query<ChildRow>(
    `select id, pipeline, status from runs where parent_run = $1 and parent_task = $2 and right(workflow_id, length($3)) = $3 limit 1`,
    [runId, task, `.${task}${instance < 0 ? '' : `.${instance}`}.${generation}`]);
  return rows[0];
}

/** The request of a step, by its workflow; undefined before it is made. At most three of those it waits for are named. */
export async function findAwaitedDecision(db: Queryable, workflowId: string): Promise<Omit<AwaitedDecision, 'link'> & { title: string } | undefined> {
  const { rows } = await db.query<{ id: string; title: string; standing: string; waitingFor: string[]; until: Date | null }>(
    `select a.id, a.title, a.standing, a.deadline as until,
            array(select p.person from approval_people p where p.approval_id = a.id and p.awaited order by p.person limit 3) as "waitingFor"
     from approvals a where a.workflow_id = $1 and a.finished_at is null`, [workflowId]);
  const [row] = rows;
  return row && { ...row, until: row.until?.toISOString() ?? null };
}
