import type { ErrorInfo } from '../domain/errors';
import type { Json } from '../domain/json';
import type { RunView, TaskView } from '../domain/pipeline/run';
import { isFinalTask, taskStatuses, type RunStatus, type TaskStatus } from '../domain/pipeline/status';
import type { RunEvent } from './event-stream';
import { isJsonObject } from './json-text';
import { taskWord } from './live-state';
import type { Paint } from './output';
import { oneLine, padEnd } from './text';
import { elapsedMs, humanDuration } from './time';

/** A thing that is settled about a run: printed once, and never changed. */
export interface TaskOutcome {
  key: string;
  status: TaskStatus;
  attempt: number;
  durationMs: number | null;
  error: Pick<ErrorInfo, 'code' | 'message'> | null;
}

const nameWidth = 24;

export const acceptedLine = (run: RunView, paint: Paint): string =>
  `${paint.cyan('▶')} ${paint.bold(run.pipeline)} v${run.version} ${paint.dim(`run ${run.id}`)} ${run.status === 'queued' ? 'accepted' : run.status}`;

/** One line for a task that became final. */
export function taskLine(outcome: TaskOutcome, paint: Paint): string {
  const name = padEnd(oneLine(outcome.key), nameWidth);
  const duration = outcome.durationMs === null ? '' : humanDuration(outcome.durationMs);
  const attempts = outcome.attempt > 1 ? paint.dim(`  attempt ${outcome.attempt}`) : '';
  const { mark, word } = markOf(outcome.status, paint);
  const error = outcome.error === null ? '' : `  ${paint.red(oneLine(`${outcome.error.code}: ${outcome.error.message}`))}`;
  return `${mark} ${name}  ${paint.dim(word === '' ? duration : word)}${attempts}${error}`.trimEnd();
}

/**
 * The permanent line of an event, if it deserves one: a task that became final, or a turn of the run that a reader
 * would ask about. Instances of a `forEach` speak up only when they fail, as there may be thousands.
 */
export function eventLine(event: RunEvent, paint: Paint, queuedAtMs: QueuedTimes = new Map()): string | undefined {
  const outcome = outcomeOfEvent(event, queuedAtMs);
  if (outcome) return outcome.instance === null || outcome.status === 'failed' ? taskLine(outcome, paint) : undefined;
  if (event.type === 'run.started') return reuseLine(event.data, paint);
  const task = taskWord(event.data);
  if (event.type === 'task.retried' && task) return `${paint.yellow('↻')} ${oneLine(task.key)}  retried by hand`;
  if (event.type === 'task.waiting' && event.data['waitingFor'] === 'approval' && task) return `${paint.yellow('?')} ${padEnd(oneLine(task.key), nameWidth)}  waits for a decision ${paint.dim('(datamcp approvals list)')}`;
  if (event.type === 'run.paused') return `${paint.yellow('‖')} paused: nothing new starts until it is resumed`;
  if (event.type === 'run.resumed') return `${paint.cyan('▶')} resumed`;
  return undefined;
}

/** A rerun says what it does not carry out: these tasks have no lines of their own. */
function reuseLine({ reused, reusedFrom }: RunEvent['data'], paint: Paint): string | undefined {
  if (typeof reused !== 'number' || typeof reusedFrom !== 'string') return undefined;
  return `${paint.cyan('↺')} ${reused} ${reused === 1 ? 'task' : 'tasks'} reused ${paint.dim(`from run ${oneLine(reusedFrom)}`)}`;
}

/** When tasks were queued, in milliseconds, by id. */
type QueuedTimes = ReadonlyMap<string, number>;

export function outcomeOfEvent(event: RunEvent, queuedAtMs: QueuedTimes = new Map()): (TaskOutcome & { instance: number | null }) | undefined {
  const status = taskStatuses.find((each) => `task.${each}` === event.type);
  const task = taskWord(event.data);
  if (status === undefined || !isFinalTask(status) || !task) return undefined;
  return { ...task, status, durationMs: durationOf(event, queuedAtMs.get(task.key)), error: errorOf(event.data['error']) };
}

/** A `forEach` task has no attempt that would say how long it took: it goes from being queued to its end. */
function durationOf({ at, data: { durationMs } }: RunEvent, queuedAtMs: number | undefined): number | null {
  if (typeof durationMs === 'number') return durationMs;
  return at === null || queuedAtMs === undefined ? null : Date.parse(at) - queuedAtMs;
}

export const outcomeOfTask = (task: TaskView, nowMs: number): TaskOutcome => ({
  key: task.instance === null ? task.id : `${task.id}[${task.instance}]`,
  status: task.status, attempt: task.attempt, durationMs: elapsedMs(task.startedAt, task.finishedAt, nowMs), error: task.error,
});

/** What a finished run ends with: status, time, error, warnings, outputs. */
export function endLines(run: RunView, paint: Paint): string[] {
  const took = elapsedMs(run.startedAt ?? run.createdAt, run.finishedAt, Date.parse(run.finishedAt ?? run.createdAt));
  const head = `${oneLine(run.pipeline)} ${statusWord(run.status)}${took === null ? '' : ` in ${humanDuration(took)}`}`;
  return [
    ...run.warnings.map((warning) => `${paint.yellow('!')} ${oneLine(warning)}`),
    run.status === 'succeeded' ? paint.bold(paint.green(`✓ ${head}`)) : paint.bold(paint.red(`✗ ${head}`)),
    ...(run.error === null ? [] : [`  ${paint.red(`${run.error.code}: ${oneLine(run.error.message)}`)}`]),
    ...Object.entries(run.outputs ?? {}).map(([name, value]) => `  ${paint.dim(`${name} =`)} ${oneLine(JSON.stringify(value))}`),
    ...(run.links.temporal === null ? [] : [paint.dim(`  ${run.links.temporal}`)]),
  ];
}

export function paintStatus(status: RunStatus | TaskStatus, text: string, paint: Paint): string {
  switch (status) {
    case 'succeeded':
      return paint.green(text);
    case 'failed':
    case 'timed_out':
      return paint.red(text);
    case 'running':
      return paint.cyan(text);
    case 'waiting':
    case 'paused':
    case 'cancelled':
      return paint.yellow(text);
    case 'queued':
    case 'pending':
    case 'skipped':
      return paint.dim(text);
  }
}

const statusWord = (status: RunStatus): string => status.replace('_', ' ');

function markOf(status: TaskStatus, paint: Paint): { mark: string; word: string } {
  if (status === 'succeeded') return { mark: paint.green('✓'), word: '' };
  if (status === 'failed') return { mark: paint.red('✗'), word: '' };
  return { mark: paint.dim('-'), word: status };
}

function errorOf(value: Json | undefined): TaskOutcome['error'] {
  if (!isJsonObject(value)) return null;
  const { code, message } = value;
  return { code: typeof code === 'string' ? code : 'failed', message: typeof message === 'string' ? message : '' };
}
