import fc from 'fast-check';
import { graphOf } from '../run-graph';
import { RunState } from '../run-state';
import type { Plan } from '../plan';
import { countReused, decodeMarks, encodeMarks, reuseMark, stateOfReused } from './reuse-marks';

const marks = fc.array(fc.constantFrom(...Object.values(reuseMark)), { maxLength: 200 }).map((list) => Uint8Array.from(list));

test('marks come back as they were written, in at most a byte a task', () => {
  fc.assert(fc.property(marks, (written) => {
    const text = encodeMarks(written);
    expect(text.length).toBeLessThanOrEqual(written.length);
    expect(decodeMarks(text, written.length)).toEqual(written);
  }));
});

test('marks of another plan are refused', () => {
  expect(() => decodeMarks('r3s', 5)).toThrow('Marks of 4 tasks do not fit a plan of 5');
});

test('a run that reuses results begins where they end, and has nothing to tell of them', () => {
  const tasks = [{ id: 'a' }, { id: 'b', needs: [0] }, { id: 'c', needs: [1] }, { id: 'd', needs: [0] }, { id: 'e', needs: [3] }];
  const plan: Plan = {
    language: 1, name: 'p', timeoutMs: 1, cleanupTimeoutMs: 1, defaults: { timeoutMs: 1, retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1 } },
    tasks: tasks.map((task) => ({ uses: 'core.noop', mode: 'quick', ...task })),
  };
  const { succeeded, run, skipped } = reuseMark;
  const reused = Uint8Array.from([succeeded, succeeded, run, skipped, skipped]);
  const state = RunState.restore(graphOf(plan, () => new Set()), stateOfReused(reused));
  expect(countReused(reused)).toBe(4);
  expect(state.takeChanges()).toEqual([]);
  expect(state.progress()).toMatchObject({ total: 5, succeeded: 2, skipped: 2, pending: 1 });
  expect(state.takeReady('working', 9)).toEqual([{ task: 2, instance: -1 }]);
  state.succeeded({ task: 2, instance: -1 });
  expect([state.isDone(), state.outcome()]).toEqual([true, 'succeeded']);
});
