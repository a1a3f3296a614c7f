import type { JsonObject } from '../domain/json';
import { makePaint } from './output';
import { eventLine, taskLine } from './permanent-lines';

const paint = makePaint(false);
const line = (type: string, data: JsonObject = {}) => eventLine({ seq: 1, type, at: null, data }, paint);

test('a task that became final has one line with its duration', () => {
  expect(line('task.succeeded', { task: 'extract', durationMs: 1234, attempt: 1 })).toBe('✓ extract                   1.2 s');
});

test('a failure names code and message', () => {
  expect(line('task.failed', { task: 'load', durationMs: 50, attempt: 3, error: { code: 'query_failed', message: 'no such\ntable' } }))
    .toBe('✗ load                      50 ms  attempt 3  query_failed: no such table');
});

test('what did not run says why it has no time', () => {
  expect(line('task.skipped', { task: 'report' })).toBe('- report                    skipped');
});

test('instances speak up only when they fail', () => {
  expect(line('task.succeeded', { task: 'each', instance: 4 })).toBeUndefined();
  expect(line('task.failed', { task: 'each', instance: 4 })).toContain('each[4]');
});

test('a task that asks people says where they answer', () => {
  expect(line('task.waiting', { task: 'sign_off', waitingFor: 'approval' })).toBe('? sign_off                  waits for a decision (datamcp approvals list)');
  expect(line('task.waiting', { task: 'hold', waitingFor: 'core.wait' })).toBeUndefined();
});

test('turns of the run are told, the rest is not', () => {
  expect(line('run.paused')).toContain('paused');
  expect(line('task.retried', { task: 'a' })).toContain('a  retried by hand');
  expect(line('task.queued', { task: 'a' })).toBeUndefined();
  expect(line('something.new', {})).toBeUndefined();
});

test('without colour no line has an escape byte', () => {
  const outcome = { key: '\u001b[31mx', status: 'failed' as const, attempt: 1, durationMs: 1, error: { code: 'c', message: '\u001b[2J' } };
  expect(taskLine(outcome, paint)).not.toContain('\u001b');
  expect(taskLine(outcome, makePaint(true))).toContain('\u001b[31m');
});
