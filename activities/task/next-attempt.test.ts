import { retryDelayOf } from './next-attempt';

const failure = { code: 'task_failed', message: 'no', retryable: true };
const called = { attempt: 1, scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: 0 };
const retryPolicy = { maximumAttempts: 3, initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000, nonRetryableErrorTypes: ['http_status'] };

test('the next attempt comes by the policy that Temporal has', () => {
  expect(retryDelayOf({ ...called, retryPolicy })(failure)).toBe(1_000);
  expect(retryDelayOf({ ...called, attempt: 2, retryPolicy })(failure)).toBe(2_000);
  expect(retryDelayOf({ ...called, retryPolicy })({ ...failure, details: { retryAfterMs: 77 } })).toBe(77);
});

test('there is none after the last attempt, for what is not tried again, and beyond the time for all attempts', () => {
  expect(retryDelayOf({ ...called, attempt: 3, retryPolicy })(failure)).toBeNull();
  expect(retryDelayOf({ ...called, retryPolicy })({ ...failure, code: 'http_status' })).toBeNull();
  expect(retryDelayOf({ ...called, scheduleToCloseTimeoutMs: 900, retryPolicy })(failure)).toBeNull();
  expect(retryDelayOf(called)(failure)).toBeNull();
});

test('what Temporal leaves open has its own defaults', () => {
  expect(retryDelayOf({ ...called, attempt: 40, retryPolicy: {} })(failure)).toBe(100_000);
});
