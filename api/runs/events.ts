import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskView } from '../../domain/pipeline/run';
import { isFinalRun } from '../../domain/pipeline/status';
import { findRunStatus } from '../../db/run-queries';
import { listRunEvents, type RunEventRow } from '../../db/run-stream-queries';
import { listChangedTasks, listTasksInFlight, type RunTaskRow } from '../../db/run-task-queries';
import { refuseEndedKey } from '../auth';
import { EventStream } from '../event-stream';
import { headerOf } from '../headers';
import type { Call } from '../route';
import { ChangeWatch } from '../wait';
import { endOfInterest } from './answers';
import { PlanTasks } from './plan-tasks';

const heartbeatMs = 15_000;
/** A run of thousands of tasks changes thousands of times a second; nobody can look that often. */
const shortestRoundMs = 100;
const eventsAtOnce = 500;
const tasksAtOnce = 1_000;
/** By then another process answers at this address, or this one was replaced. */
const reconnectMs = 1_000;
/** A row says the time at which its transaction began, so a change may become visible this much after a later one. */
const commitSlackMs = 2_000;

/** Number of the last event that the caller has; 0 for none. @throws AppError `request.invalid` */
const resumeAfter = ({ request }: Call<unknown, unknown, unknown>): number => Number(headerOf(request, 'Last-Event-ID') ?? 0);

/** The live changes of a run's tasks: a row is told when it differs from what was told of it last. */
class TaskChanges {
  private readonly told = new Map<string, string>();
  private since: Date | undefined;

  constructor(private readonly tasks: PlanTasks, private readonly call: Call<unknown, unknown, unknown>) {}

  async next(): Promise<TaskView[]> {
    const { pool } = this.call.deps;
    const { id } = this.tasks.run;
    const rows = this.since === undefined
      ? await listTasksInFlight(pool, id, tasksAtOnce)
      : await listChangedTasks(pool, id, this.since, tasksAtOnce);
    const newest = rows.reduce((time, row) => Math.max(time, row.updatedAt.getTime()), this.since ? this.since.getTime() + commitSlackMs : Date.now());
    this.since = new Date(newest - commitSlackMs);
    return rows.flatMap((row) => this.tell(row));
  }

  private tell(row: RunTaskRow): TaskView[] {
    const key = `${row.task}[${row.instance}]`;
    const content = `${row.updatedAt.getTime()} ${row.status} ${row.attempt} ${JSON.stringify(row.progress)}`;
    const task = this.tasks.find(row.task);
    if (this.told.get(key) === content || !task) return [];
    this.told.set(key, content);
    return [this.tasks.view(task, row)];
  }
}

const tellEvent = (stream: EventStream, { seq, type, at, data }: RunEventRow): Promise<void> =>
  stream.send({ id: seq, event: type, data: { seq, type, at: at.toISOString(), data } });

/** Sends the events after number `after`. @returns the number of the last one */
async function sendEvents(call: Call<{ id: string }, unknown, unknown>, stream: EventStream, after: number): Promise<number> {
  let last = after;
  for (;;) {
    const events = await listRunEvents(call.deps.pool, call.params.id, last, eventsAtOnce);
    for (const event of events) await tellEvent(stream, event);
    last = events.at(-1)?.seq ?? last;
    if (events.length < eventsAtOnce) return last;
  }
}

/**
 * A run as Server-Sent Events. What is durable has a number as `id`, comes in order and without gaps, and is resumed by
 * `Last-Event-ID`. Changes of tasks come as `task` messages without an id: the newest state only, as it is seen.
 */
export async function streamEvents(call: Call<{ id: string }, unknown, unknown>): Promise<void> {
  const { deps, params } = call;
  const tasks = await PlanTasks.of(deps, params.id);
  const after = resumeAfter(call);
  if (isFinalRun(tasks.run.status) && (await listRunEvents(deps.pool, params.id, after, 1)).length === 0) {
    // Tells an EventSource of a browser not to connect again.
    call.response.status(204).end();
    return;
  }
  const stream = new EventStream(call.response);
  const interest = endOfInterest(call);
  const watch = new ChangeWatch(deps.changes, params.id);
  try {
    await follow(call, tasks, stream, watch, after, interest);
  } finally {
    watch.close();
    if (deps.stopping.aborted) await stream.interrupt(reconnectMs);
    else stream.end();
  }
}

async function follow(
  call: Call<{ id: string }, unknown, unknown>, tasks: PlanTasks, stream: EventStream, watch: ChangeWatch, after: number, interest: AbortSignal,
): Promise<void> {
  const changes = new TaskChanges(tasks, call);
  let last = after;
  while (!interest.aborted) {
    if (!(await watch.next(heartbeatMs, interest))) stream.comment('still here');
    await refuseEndedKey(call.deps.pool, call.caller);
    // The status is read first: what ends a run writes its last events with it, so then they are all there.
    const run = await findRunStatus(call.deps.pool, call.params.id);
    for (const task of await changes.next()) await stream.send({ event: 'task', data: task });
    last = await sendEvents(call, stream, last);
    if (!run || isFinalRun(run.status)) return;
    await sleep(shortestRoundMs, undefined, { signal: interest }).catch(() => undefined);
  }
}
