import { formatDuration, parseDuration } from '../../duration';
import { mayHoldExpression } from '../expressions/text';
import { deadlinesOf } from './approval-check';
import type { FaultList, Path } from './place';
import type { Head, Retry, Task } from './schema';
import { runTimeoutMs } from './normalise';

/** Checks that times fit into each other: nothing may wait longer than the run that it is part of. */
export class TimeCheck {
  readonly #runMs: number;

  constructor(
    head: Partial<Head>,
    private readonly faults: FaultList,
  ) {
    this.#runMs = runTimeoutMs(head);
    this.#within(head.defaults?.timeout, ['defaults', 'timeout']);
    this.#intervals(head.defaults?.retry, ['defaults', 'retry']);
  }

  task(task: Partial<Task>, path: Path): void {
    this.#within(task.timeout, [...path, 'timeout']);
    this.#within(task.totalTimeout, [...path, 'totalTimeout']);
    for (const field of task.uses === 'approval' ? [] : ['deadline', 'duration', 'heartbeatTimeout']) {
      const value = task.with?.[field];
      if (typeof value === 'string') this.#within(value, [...path, 'with', field]);
    }
    if (task.uses === 'core.wait') this.#duration(task, 'duration', path);
    if (task.uses === 'temporal.activity') this.#duration(task, 'heartbeatTimeout', path);
    if (task.uses === 'approval') this.#deadlines(task.with ?? {}, [...path, 'with']);
    this.#intervals(task.retry, [...path, 'retry']);
    const [timeout, total] = [parseDuration(task.timeout ?? ''), parseDuration(task.totalTimeout ?? '')];
    if (timeout !== null && total !== null && total < timeout) {
      this.faults.add({ path: [...path, 'totalTimeout'] }, 'task.timeout', 'totalTimeout, of all attempts, is shorter than timeout, of one');
    }
  }

  #duration(task: Partial<Task>, field: string, path: Path): void {
    const value = task.with?.[field];
    if (typeof value !== 'string' || mayHoldExpression(value) || parseDuration(value) !== null) return;
    this.faults.add({ path: [...path, 'with', field] }, 'field.duration', `${field} must be a duration such as 500ms, 30s, 5m, 2h, 7d or ISO 8601`);
  }

  /** A request that outlasts its run would be withdrawn before it is decided by time. */
  #deadlines(input: Record<string, unknown>, path: Path): void {
    const late = deadlinesOf(input).find(({ ms }) => ms > this.#runMs);
    if (late) this.faults.add({ path: [...path, ...late.path] }, 'task.timeout', `the approval would be decided ${formatDuration(late.ms)} after it was asked for at the earliest, above the run's time-out of ${formatDuration(this.#runMs)}`);
  }

  #within(text: string | undefined, path: Path): void {
    const ms = parseDuration(text ?? '');
    if (ms !== null && ms > this.#runMs) this.faults.add({ path }, 'task.timeout', `${text} is above the run's time-out of ${formatDuration(this.#runMs)}`);
  }

  #intervals(retry: Retry | undefined, path: Path): void {
    this.#within(retry?.initialInterval, [...path, 'initialInterval']);
    const [first, longest] = [parseDuration(retry?.initialInterval ?? ''), parseDuration(retry?.maxInterval ?? '')];
    if (first !== null && longest !== null && first > longest) {
      this.faults.add({ path: [...path, 'initialInterval'] }, 'task.retry', 'initialInterval is longer than maxInterval');
    }
  }
}
