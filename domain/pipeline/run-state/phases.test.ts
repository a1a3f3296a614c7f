import { taskFlag, type RunGraph } from '../run-graph';
import { RunState } from './run-state';

/** A task, one behind it, a `forEach` of two at a time, and one with an `if`. */
const graph: RunGraph = {
  size: 4, offsets: Uint32Array.from([0, 0, 1, 1, 1]), needs: Uint32Array.from([0]),
  flags: Uint8Array.from([0, 0, taskFlag.evaluate | taskFlag.forEach, taskFlag.evaluate]),
  maxParallel: new Map([[2, 2]]), failFast: false,
};
const unit = (task: number, instance = -1) => ({ task, instance });

test('a task is pending, ready, in flight and final', () => {
  const state = new RunState(graph);
  expect([state.phaseOf(unit(0)), state.phaseOf(unit(1))]).toEqual(['ready', 'pending']);
  const [first] = state.takeReady('working', 1);
  expect(first).toEqual(unit(0));
  expect([state.phaseOf(unit(0)), state.isInFlight(unit(0)), state.isInFlight(unit(1))]).toEqual(['in_flight', true, false]);
  state.succeeded(unit(0));
  expect([state.phaseOf(unit(0)), state.phaseOf(unit(1)), state.isInFlight(unit(0))]).toEqual(['final', 'ready', false]);
});

test('a task with an expression is being decided, whether somebody has begun with that or not', () => {
  const state = new RunState(graph);
  expect(state.phaseOf(unit(3))).toBe('deciding');
  state.takeDecisions();
  expect(state.phaseOf(unit(3))).toBe('deciding');
  state.decide(3, false);
  expect(state.phaseOf(unit(3))).toBe('final');
});

test('instances are ready until they start, and their task tells how many are in flight', () => {
  const state = new RunState(graph);
  expect([state.phaseOf(unit(2, 0)), state.instancesInFlight(2)]).toEqual(['deciding', 0]);
  state.takeDecisions();
  state.expand(2, 4);
  expect([0, 1, 2, 3].map((instance) => state.phaseOf(unit(2, instance)))).toEqual(['ready', 'ready', 'ready', 'ready']);
  state.takeReady('working', 9, ({ task }) => task === 2);
  expect([0, 1, 2, 3].map((instance) => state.phaseOf(unit(2, instance)))).toEqual(['in_flight', 'in_flight', 'ready', 'ready']);
  expect(state.instancesInFlight(2)).toBe(2);
  state.succeeded(unit(2, 0));
  state.failed(unit(2, 1));
  expect([state.phaseOf(unit(2, 0)), state.phaseOf(unit(2, 1)), state.phaseOf(unit(2))]).toEqual(['final', 'final', 'final']);
});

test('what a stop, a skip or a cancel ended is final', () => {
  const state = new RunState(graph);
  state.takeReady('working', 1);
  expect(state.cancelTask(3)).toEqual([]);
  state.stop('cancelled', { force: true });
  expect(state.phaseOf(unit(1))).toBe('final');
  expect(state.phaseOf(unit(3))).toBe('final');
});
