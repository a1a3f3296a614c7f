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
  const left = plan([task('a', { timeoutMs: 5 }), task('b', { needs: [0] }), task('gone')]);
  const right = plan([task('new'), task('a', { uses: 'core.log', timeoutMs: 6 }), task('b', { needs: [0, 1], if: 'true' })], { timeoutMs: 2, failFast: true });
  expect(diffDefinitions(left, right)).toEqual({
    fields: ['failFast', 'timeout'],
    tasks: [
      { id: 'new', change: 'added', fields: [] }, { id: 'a', change: 'changed', fields: ['timeout', 'uses'] },
      { id: 'b', change: 'changed', fields: ['if', 'needs'] }, { id: 'gone', change: 'removed', fields: [] },
    ],
  });
});
