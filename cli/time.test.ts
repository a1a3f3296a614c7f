import { elapsedMs, humanAge, humanDuration, humanElapsed } from './time';

test.each([
  [0, '0 ms'], [340, '340 ms'], [999, '999 ms'], [1000, '1.0 s'], [1290, '1.2 s'], [59_999, '59.9 s'], [60_000, '1 m 00 s'],
  [185_000, '3 m 05 s'], [3_600_000, '1 h 00 m'], [7_380_000, '2 h 03 m'], [100_800_000, '1 d 04 h'], [-5, '0 ms'],
])('%d ms read %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

const now = Date.parse('2026-01-01T12:00:00Z');
test.each([
  ['2026-01-01T12:00:00Z', 'just now'], ['2026-01-01T11:59:48Z', '12 s ago'], ['2026-01-01T09:00:00Z', '3 h ago'],
  ['2025-12-30T12:00:00Z', '2 d ago'], ['2026-01-01T12:05:00Z', 'in 5 m'], ['no time', 'no time'],
])('%s reads %s', (iso, text) => {
  expect(humanAge(iso, now)).toBe(text);
});

test('time runs on while the end has not come, and is unknown before the start', () => {
  expect(elapsedMs('2026-01-01T11:59:00Z', null, now)).toBe(60_000);
  expect(elapsedMs('2026-01-01T11:59:00Z', '2026-01-01T11:59:10Z', now)).toBe(10_000);
  expect(humanElapsed(null, null, now)).toBe('');
});
