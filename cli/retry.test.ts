import { parseRetryAfter, retryDelayMs, sleep } from './retry';

const rule = { attempts: 5, firstDelayMs: 100, maxDelayMs: 1000 };

test('the pause doubles up to the largest, and chance takes at most half of it', () => {
  expect([1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs(rule, attempt, undefined, () => 1))).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(retryDelayMs(rule, 3, undefined, () => 0)).toBe(200);
});

test('what the server asks for comes first, unless it is more than the rule waits', () => {
  expect(retryDelayMs(rule, 1, 700)).toBe(700);
  expect(retryDelayMs(rule, 1, 0)).toBe(0);
  expect(retryDelayMs(rule, 1, 1001)).toBeUndefined();
});

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  expect(parseRetryAfter('3', now)).toBe(3000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 12:00:05 GMT', now)).toBe(5000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 11:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

test('a sleep ends at once with the reason of its signal', async () => {
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
});
