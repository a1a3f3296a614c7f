import { taskFlag, type RunGraph } from '../run-graph';
import { RunState } from './run-state';

/** One `forEach`, a task that needs it, and one that keeps the run open because nobody decides it. */
const graph = (maxParallel = Infinity): RunGraph => ({
  size: 3, offsets: Uint32Array.from([0, 0, 1, 1]), needs: Uint32Array.from([0]),
  flags: Uint8Array.from([taskFlag.evaluate | taskFlag.forEach, 0, taskFlag.evaluate]),
  maxParallel: new Map([[0, maxParallel]]), failFast: false,
});

function expanded(items: number, reused: number[], maxParallel?: number): RunState {
  const state = new RunState(graph(maxParallel));
  state.takeDecisions();
  state.expand(0, items, reused);
  return state;
}

test('only instances that are not reused start, within the limit, and nothing is told of the others', () => {
  const state = expanded(5, [0, 3], 2);
  expect(state.takeReady('working', 9)).toEqual([{ task: 0, instance: 1 }, { task: 0, instance: 2 }]);
  state.succeeded({ task: 0, instance: 1 });
  expect(state.takeReady('working', 9)).toEqual([{ task: 0, instance: 4 }]);
  state.succeeded({ task: 0, instance: 2 });
  state.succeeded({ task: 0, instance: 4 });
  expect(state.statusOf(0)).toBe('succeeded');
  expect(state.takeChanges().map(({ instance }) => instance)).not.toEqual(expect.arrayContaining([0]));
});

test('a forEach of which everything is reused has succeeded, and what needs it may start', () => {
  const state = expanded(3, [0, 1, 2]);
  expect(state.statusOf(0)).toBe('succeeded');
  expect(state.takeReady('working', 9)).toEqual([{ task: 1, instance: -1 }]);
});

test('a retry keeps what is reused, and so does a continue-as-new', () => {
  const state = expanded(3, [1]);
  for (const unit of state.takeReady('working', 9)) state.failed(unit);
  expect(state.statusOf(0)).toBe('failed');
  expect(state.retryTask(0)).toBe(true);
  const restored = RunState.restore(graph(), state.snapshot());
  expect(restored.takeReady('working', 9)).toEqual([{ task: 0, instance: 0 }, { task: 0, instance: 2 }]);
});

test('a failed instance stops the others; what is reused stays as it is', () => {
  const state = expanded(3, [2], 1);
  state.takeReady('working', 1);
  state.failed({ task: 0, instance: 0 });
  expect([0, 1, 2].map((instance) => state.statusOf(0, instance))).toEqual(['failed', 'skipped', 'succeeded']);
});
