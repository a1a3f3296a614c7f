import type { ErrorInfo } from '../errors';
import type { RetryPolicy } from './plan';
import { retryDelayMs } from './retry';

const policy: RetryPolicy = { maxAttempts: 4, initialIntervalMs: 100, backoff: 3, maxIntervalMs: 500 };
const failure: ErrorInfo = { code: 'unavailable', message: 'down', retryable: true };

describe('the wait before the next attempt', () => {
  it('grows by the backoff up to the longest interval', () => {
    expect([1, 2, 3].map((attempt) => retryDelayMs(policy, attempt, failure))).toEqual([100, 300, 500]);
  });

  it('is never shorter than the first interval', () => {
    expect(retryDelayMs({ ...policy, maxIntervalMs: 10 }, 1, failure)).toBe(100);
  });

  it('does not come after the last attempt', () => {
    expect(retryDelayMs(policy, 4, failure)).toBeNull();
  });

  it('does not come for a failure that is not worth a retry, by itself or by the task', () => {
    expect(retryDelayMs(policy, 1, { ...failure, retryable: false })).toBeNull();
    expect(retryDelayMs({ ...policy, nonRetryable: ['unavailable'] }, 1, failure)).toBeNull();
  });

  it('is what the failed call asked for', () => {
    expect(retryDelayMs(policy, 1, { ...failure, details: { retryAfterMs: 2_000 } })).toBe(2_000);
    expect(retryDelayMs(policy, 1, { ...failure, details: { retryAfterMs: -1 } })).toBe(100);
    expect(retryDelayMs(policy, 1, { ...failure, details: ['x'] })).toBe(100);
  });

  it('ends with the time of all attempts together', () => {
    expect(retryDelayMs(policy, 1, failure, 101)).toBe(100);
    expect(retryDelayMs(policy, 1, failure, 100)).toBeNull();
  });
});
