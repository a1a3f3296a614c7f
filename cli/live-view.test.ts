import fc from 'fast-check';
import type { LiveState, LiveUnit } from './live-state';
import { liveLines, type Viewport } from './live-view';
import { makePaint } from './output';
import { displayWidth } from './text';

const nowMs = 100_000;
const view = (width = 80, height = 24): Viewport => ({ width, height, nowMs, paint: makePaint(false) });
const unit = (key: string, more: Partial<LiveUnit> = {}): LiveUnit =>
  ({ key, id: key, instance: null, status: 'running', attempt: 1, generation: 0, percent: null, message: null, startedAtMs: nowMs - 1500, nextAttemptAtMs: null, ...more });
const state = (units: LiveUnit[], more: Partial<LiveState> = {}): LiveState => ({
  runId: 'r', pipeline: 'flight-delays', status: 'running', total: 7, startedAtMs: nowMs - 65_000,
  decided: new Map([['a', 'succeeded'], ['b', 'failed']]), finalGeneration: new Map(),
  open: new Map(units.map((each) => [each.key, each])), queuedAtMs: new Map(), ...more,
});

test('each running task has a line with its time, and the run a summary', () => {
  const lines = liveLines(state([unit('extract'), unit('load', { percent: 45, message: 'rows 1 to 10', attempt: 2 })]), view());
  expect(lines.map((line) => line.slice(1))).toEqual([
    ' extract  1.5 s',
    ' load     1.5 s  ━━━━━─────  45 %  attempt 2  rows 1 to 10',
    'light-delays running · 2/7 tasks · 2 running · 1 failed · 1 m 05 s',
  ]);
});

test('waiting is told apart from running', () => {
  const lines = liveLines(state([unit('pause', { status: 'waiting' })]), view());
  expect(lines).toEqual(['◦ pause  waiting  1.5 s', 'flight-delays running · 2/7 tasks · 1 waiting · 1 failed · 1 m 05 s']);
});

test('a task between two attempts says when it tries again, and why', () => {
  const lines = liveLines(state([unit('flaky', { status: 'waiting', attempt: 2, message: 'not yet', startedAtMs: null, nextAttemptAtMs: nowMs + 12_000 })]), view());
  expect(lines[0]).toBe('◦ flaky  tries again in 12.0 s  attempt 2  not yet');
});

test('the oldest task comes first, and instances are in the order of their numbers', () => {
  const units = [unit('b[10]'), unit('b[9]'), unit('old', { startedAtMs: 0 }), unit('new', { startedAtMs: null })];
  expect(liveLines(state(units), view()).map((line) => line.split(/\s+/)[1])).toEqual(['old', 'b[9]', 'b[10]', 'new', 'running']);
});

test('the spinner turns with time', () => {
  const at = (ms: number) => liveLines(state([unit('a')]), { ...view(), nowMs: ms })[0]?.slice(0, 1);
  expect(at(nowMs)).not.toBe(at(nowMs + 80));
});

test('more tasks than fit are counted in one line', () => {
  const lines = liveLines(state(Array.from({ length: 300 }, (_, index) => unit(`t[${index}]`))), view(80, 8));
  expect(lines).toHaveLength(7);
  expect(lines[5]).toBe('  … and 295 more');
});

test('a message of a task cannot move the cursor or break the line', () => {
  const [line = ''] = liveLines(state([unit('a', { message: '\u001b[2Jgone\nnext' })]), view());
  expect(line).toContain('gone next');
  expect(line).not.toContain('\u001b');
});

test('whatever the state and the size, nothing wraps and nothing exceeds the screen', () => {
  const anyUnit = fc.record({
    key: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), percent: fc.option(fc.double({ noNaN: true })),
    message: fc.option(fc.string({ maxLength: 200, unit: 'grapheme' })), attempt: fc.nat(20), startedAtMs: fc.option(fc.nat(nowMs)),
    status: fc.constantFrom('running' as const, 'waiting' as const),
  });
  fc.assert(fc.property(fc.array(anyUnit, { maxLength: 40 }), fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 50 }), (units, width, height) => {
    const lines = liveLines(state(units.map((each) => unit(each.key, each))), view(width, height));
    expect(lines.length).toBeLessThan(Math.max(1, height));
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  }));
});
