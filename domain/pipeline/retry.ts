import type { ErrorInfo } from '../errors';
import type { RetryPolicy } from './plan';

/** The wait that the failed call itself asked for (`Retry-After`, say), in milliseconds. */
export function askedDelayMs({ details }: ErrorInfo): number | undefined {
  const wait = typeof details === 'object' && details !== null && !Array.isArray(details) ? details['retryAfterMs'] : undefined;
  return typeof wait === 'number' && wait >= 0 ? wait : undefined;
}

/**
 * The wait before the next attempt of a task, in milliseconds, or null when there is none: the rule by which Temporal
 * retries an activity.
 * @param attempt that failed, from 1 on
 * @param budgetMs what is left of `totalTimeout`; no attempt begins after it
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, error: ErrorInfo, budgetMs = Infinity): number | null {
  if (!error.retryable || attempt >= policy.maxAttempts || policy.nonRetryable?.includes(error.code)) return null;
  const longestMs = Math.max(policy.maxIntervalMs, policy.initialIntervalMs);
  const delayMs = askedDelayMs(error) ?? Math.min(policy.initialIntervalMs * policy.backoff ** (attempt - 1), longestMs);
  return delayMs < budgetMs ? delayMs : null;
}
