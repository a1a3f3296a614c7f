import type { Json, JsonObject } from '../domain/json';
import type { RunView } from '../domain/pipeline/run';
import { isFinalRun, isFinalTask, runStatuses, taskStatuses, type RunStatus, type TaskStatus } from '../domain/pipeline/status';
import type { RunEvent } from './event-stream';
import { isJsonObject } from './json-text';

/** A task, or one instance of a `forEach`, that is at work or waits for something. */
export interface LiveUnit {
  key: string;
  id: string;
  instance: number | null;
  status: TaskStatus;
  attempt: number;
  generation: number;
  percent: number | null;
  message: string | null;
  startedAtMs: number | null;
  /** Of one that waits for its next attempt. */
  nextAttemptAtMs: number | null;
}

/** What a watcher knows of a run, folded from its events. */
export interface LiveState {
  runId: string;
  pipeline: string;
  status: RunStatus;
  total: number;
  startedAtMs: number | null;
  /** Final status of tasks (not of instances), by id. */
  decided: Map<string, TaskStatus>;
  /** Generation at which a unit became final; live words about it that are no newer are late. */
  finalGeneration: Map<string, number>;
  open: Map<string, LiveUnit>;
  /** When a task was queued, or its `forEach` began, by id: not every end tells how long it took. */
  queuedAtMs: Map<string, number>;
}

export function liveStateOf(run: RunView): LiveState {
  return {
    runId: run.id, pipeline: run.pipeline, status: run.status, total: run.progress.total,
    startedAtMs: run.startedAt === null ? null : Date.parse(run.startedAt),
    decided: new Map(), finalGeneration: new Map(), open: new Map(), queuedAtMs: new Map(),
  };
}

/** What an event says of a task; undefined for an event that is not about one. */
export interface TaskWord {
  key: string;
  id: string;
  instance: number | null;
  attempt: number;
  generation: number;
}

export function taskWord(data: JsonObject): TaskWord | undefined {
  const id = text(data['task']) ?? text(data['id']);
  if (id === null) return undefined;
  const number = count(data['instance']);
  const instance = number === null || number < 0 ? null : number;
  return {
    key: instance === null ? id : `${id}[${instance}]`,
    id, instance, attempt: count(data['attempt']) ?? 1, generation: count(data['generation']) ?? 0,
  };
}

/** Takes in one event. Unknown kinds change nothing, and no order of events breaks it. */
export function foldEvent(state: LiveState, event: RunEvent): void {
  const [subject, word = ''] = event.type.split('.');
  if (subject === 'run') foldRunEvent(state, word, event.at);
  else if (event.type === 'task') foldLiveTask(state, event.data);
  else if (subject === 'task') foldTaskEvent(state, word, event);
}

function foldRunEvent(state: LiveState, word: string, at: string | null): void {
  if (word === 'started') state.startedAtMs ??= at === null ? null : Date.parse(at);
  const status = word === 'started' || word === 'resumed' ? 'running' : runStatuses.find((each) => each === word);
  if (status === undefined) return;
  state.status = status;
  if (isFinalRun(status)) state.open.clear();
}

function foldTaskEvent(state: LiveState, word: string, event: RunEvent): void {
  const task = taskWord(event.data);
  if (!task) return;
  const status = taskStatuses.find((each) => each === word);
  if ((word === 'queued' || word === 'running' || word === 'waiting') && task.instance === null && event.at !== null) state.queuedAtMs.set(task.id, Date.parse(event.at));
  if (word === 'retried') reopen(state, task);
  else if (status === undefined) return;
  else if (isFinalTask(status)) decide(state, task, status);
  else if (status === 'waiting') state.open.set(task.key, { ...task, status, percent: null, message: null, startedAtMs: timeMs(event.at), nextAttemptAtMs: null });
}

function decide(state: LiveState, task: TaskWord, status: TaskStatus): void {
  state.open.delete(task.key);
  state.finalGeneration.set(task.key, task.generation);
  if (task.instance === null) state.decided.set(task.id, status);
}

function reopen(state: LiveState, task: TaskWord): void {
  state.decided.delete(task.id);
  state.open.delete(task.key);
}

function foldLiveTask(state: LiveState, data: JsonObject): void {
  const task = taskWord(data);
  const status = taskStatuses.find((each) => each === data['status']);
  if (!task || status === undefined || isFinalRun(state.status)) return;
  if ((state.finalGeneration.get(task.key) ?? -1) >= task.generation) return;
  const nextAttemptAtMs = timeMs(text(data['nextAttemptAt']));
  if (isFinalTask(status) || status === 'pending' || (status === 'queued' && nextAttemptAtMs === null)) {
    state.open.delete(task.key);
    return;
  }
  const shown = isJsonObject(data['progress']) ? data['progress'] : {};
  const error = isJsonObject(data['error']) ? text(data['error']['message']) : null;
  state.open.set(task.key, {
    ...task, status: status === 'queued' ? 'waiting' : status, percent: count(shown['percent']), message: text(shown['message']) ?? standingOf(data) ?? error,
    startedAtMs: timeMs(text(data['startedAt'])), nextAttemptAtMs,
  });
}

/** How the request of a task that waits for people stands; null before it is made, and of all other tasks. */
export function standingOf({ uses, waitingFor }: { uses?: Json; waitingFor?: Json }): string | null {
  return uses === 'approval' && waitingFor !== uses ? text(waitingFor) : null;
}

/** Whether people are being asked for a decision. */
export const asksPeople = ({ open }: LiveState): boolean => [...open.values()].some(({ status, message, nextAttemptAtMs }) => status === 'waiting' && message !== null && nextAttemptAtMs === null);

const text = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);
const timeMs = (at: string | null): number | null => (at === null ? null : Date.parse(at));
const count = (value: Json | undefined): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
