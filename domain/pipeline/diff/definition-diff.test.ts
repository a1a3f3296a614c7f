import type { Plan, PlanTask } from '../plan';
import { diffDefinitions } from './definition-diff';

const task = (id: string, rest: Partial<PlanTask> = {}): PlanTask => ({ id, uses: 'core.noop', mode: 'quick', ...rest });
const plan = (tasks: PlanTask[], rest: Partial<Plan> = {}): Plan => ({
  language: 1, name: 'p', timeoutMs: 1, cleanupTimeoutMs: 1, defaults: { timeoutMs: 1, retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1 } }, tasks, ...rest,
});

test('equal definitions differ in nothing, though tasks stand in another order', () => {
  expect(diffDefinitions(plan([task('a'), task('b', { needs: [0] })]), plan([task('b', { needs: [1] }), task('a')]))).toEqual({ fields: [], tasks: [] });
});

test('a definition does not differ from itself', () => {
  const same = plan([task('a')]);
  expect(diffDefinitions(same, same)).toEqual({ fields: [], tasks: [] });
});

test('each task that comes, goes or changes is named, with its fields in the words of the language', () => {
  const left = plan([task('a', { timeoutMs: 60_000 }), task('b', { needs: [0] }), task('gone')]);
  const right = plan([task('new'), task('a', { uses: 'core.log', timeoutMs: 1_500 }), task('b', { needs: [0, 1], if: 'true' })], { timeoutMs: 2, failFast: true });
  expect(diffDefinitions(left, right)).toEqual({
    fields: [{ name: 'failFast', right: true }, { name: 'timeout', left: '1ms', right: '2ms' }],
    tasks: [
      { id: 'new', change: 'added', fields: [] },
      { id: 'a', change: 'changed', fields: [{ name: 'timeout', left: '1m', right: '1500ms' }, { name: 'uses', left: 'core.noop', right: 'core.log' }] },
      { id: 'b', change: 'changed', fields: [{ name: 'if', right: 'true' }, { name: 'needs', left: ['a'], right: ['a', 'new'] }] },
      { id: 'gone', change: 'removed', fields: [] },
    ],
  });
});

test('of inputs, outputs and `with` the parts are compared, and names in them are the author\'s', () => {
  const retry = { maxAttempts: 3, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: 60_000 };
  const left = plan([task('a', { with: { sql: 'select 1', timeoutMs: 5 } })], { inputs: { rows: { type: 'integer', minimum: 1 } }, outputs: { same: 1 } });
  const right = plan([task('a', { with: { sql: 'select 2', timeoutMs: 6 }, retry })], { inputs: { rows: { type: 'integer', minimum: 2 } }, outputs: { same: 1 } });
  expect(diffDefinitions(left, right)).toEqual({
    fields: [{ name: 'inputs.rows', left: { type: 'integer', minimum: 1 }, right: { type: 'integer', minimum: 2 } }],
    tasks: [{ id: 'a', change: 'changed', fields: [
      { name: 'retry', right: { maxAttempts: 3, initialInterval: '1s', backoff: 2, maxInterval: '1m' } },
      { name: 'with.sql', left: 'select 1', right: 'select 2' }, { name: 'with.timeoutMs', left: 5, right: 6 },
    ] }],
  });
});
