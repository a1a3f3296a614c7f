import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../domain/duration';

/** How every command names a run: spread into `argument(…)`. */
export const runArgument = ['<run>', 'a run id, the beginning of one, or @last'] as const;

/** How every command names an approval. */
export const approvalArgument = ['<approval>', 'an approval id, the beginning of one, or @last'] as const;

/** For options that may be given several times. */
export const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

/** @throws InvalidArgumentError, which is a usage error */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Reads `k=v` into a pair. */
export function labelOption(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be written name=value.');
  return Object.fromEntries([...Object.entries(previous), [name, value]]);
}

/** @throws InvalidArgumentError for what is no moment */
export function moment(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a time like 2026-01-31T12:00:00Z.');
  return at.toISOString();
}

/** Longest time that a timer of Node can wait, some 24 days. */
const longestTimerMs = 2 ** 31 - 1;

/** @throws InvalidArgumentError for what is no duration above zero */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('It must be a duration like 30s, 5m or 2h.');
  return Math.min(ms, longestTimerMs);
}
