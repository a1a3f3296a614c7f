import { checkJson, definition } from '../../test/definition/samples';
import { dispatchOf, isQuick } from './dispatch';

function dispatch(task: object, defaults?: object) {
  const tasks = [{ id: 'x', uses: 'core.sleep', with: { milliseconds: 0 }, ...task }, { id: 'before', uses: 'core.noop' }];
  const { plan } = checkJson(definition({ ...(defaults && { defaults }) }, tasks));
  const first = plan?.tasks[0];
  if (!first) throw new Error('the sample is not valid');
  return dispatchOf(plan, first);
}

const retry = { maxAttempts: 3, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: 60_000 };

describe('the call of a task', () => {
  it('has the defaults of the language', () => {
    expect(dispatch({})).toEqual({ id: 'x', uses: 'core.sleep', mode: 'activity', retry, timeoutMs: 300_000, readsResults: false });
  });

  it('has the defaults of the pipeline', () => {
    expect(dispatch({}, { timeout: '1m', queue: 'gpu', retry: { maxAttempts: 1 } })).toMatchObject({ timeoutMs: 60_000, queue: 'gpu', retry: { ...retry, maxAttempts: 1 } });
  });

  it('has what the task says before any default', () => {
    const own = { timeout: '2m', totalTimeout: '1h', queue: 'own', priority: 1, fairnessKey: 'team', retry: { maxAttempts: 9 } };
    expect(dispatch(own, { timeout: '1m', queue: 'gpu' })).toMatchObject({ timeoutMs: 120_000, totalTimeoutMs: 3_600_000, queue: 'own', priority: 1, fairnessKey: 'team', retry: { maxAttempts: 9 } });
  });

  it.each(['core.noop', 'core.set'])('of a task that never leaves the worker ignores the default queue: %s', (uses) => {
    expect(dispatch({ uses, with: {} }, { queue: 'gpu' })).not.toHaveProperty('queue');
  });

  it('tells whether the input reads results', () => {
    expect(dispatch({ needs: ['before'], with: { milliseconds: '${{ tasks.before.output }}' } }).readsResults).toBe(true);
  });
});

test('a quick task with a queue of its own is for the workers of that queue', () => {
  expect(isQuick(dispatch({ uses: 'core.noop', with: {} }))).toBe(true);
  expect(isQuick(dispatch({ uses: 'core.noop', with: {}, queue: 'own' }))).toBe(false);
  expect(isQuick(dispatch({}))).toBe(false);
  expect(isQuick(undefined)).toBe(false);
});
