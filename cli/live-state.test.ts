import type { JsonObject } from '../domain/json';
import type { RunView } from '../domain/pipeline/run';
import type { RunEvent } from './event-stream';
import { asksPeople, foldEvent, liveStateOf, type LiveState } from './live-state';

const run: RunView = {
  id: '0199', pipeline: 'p', version: 1, status: 'queued', inputs: {}, outputs: null, labels: {}, priority: 3, trigger: { type: 'api' },
  requestedBy: 'me', createdAt: '2026-01-01T00:00:00Z', startedAt: null, finishedAt: null,
  progress: { total: 3, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, running: 0, waiting: 0, queued: 0, pending: 3 },
  error: null, warnings: [], rerunOf: null, parentRun: null, workflowId: 'run/p/0199', links: { temporal: null, console: null },
};
const at = '2026-01-01T00:00:01Z';
const durable = (type: string, data: JsonObject = {}): RunEvent => ({ seq: 1, type, at, data });
const live = (data: JsonObject): RunEvent => ({ seq: null, type: 'task', at: null, data });

function folded(...events: RunEvent[]): LiveState {
  const state = liveStateOf(run);
  for (const event of events) foldEvent(state, event);
  return state;
}
const running = (id: string, more: JsonObject = {}) => live({ id, instance: null, status: 'running', attempt: 1, generation: 0, progress: null, startedAt: at, ...more });

test('a run starts, pauses, goes on and ends', () => {
  expect(folded(durable('run.started'))).toMatchObject({ status: 'running', startedAtMs: Date.parse(at) });
  expect(folded(durable('run.started'), durable('run.paused')).status).toBe('paused');
  expect(folded(durable('run.paused'), durable('run.resumed')).status).toBe('running');
  expect(folded(running('a'), durable('run.timed_out'))).toMatchObject({ status: 'timed_out', open: new Map() });
});

test('live words show a task with its progress until it is final', () => {
  const state = folded(running('a', { progress: { percent: 40, message: 'half' } }));
  expect(state.open.get('a')).toMatchObject({ status: 'running', percent: 40, message: 'half', startedAtMs: Date.parse(at) });
  foldEvent(state, durable('task.succeeded', { task: 'a', generation: 0 }));
  expect(state.open.size).toBe(0);
  expect(state.decided.get('a')).toBe('succeeded');
});

test('a task that waits for its next attempt stays in sight, with its time and the last error; nobody is asked', () => {
  const state = folded(running('a'), running('a', { status: 'queued', startedAt: null, waitingFor: 'retry', nextAttemptAt: at, error: { code: 'task_failed', message: 'not yet', retryable: true } }));
  expect(state.open.get('a')).toMatchObject({ status: 'waiting', message: 'not yet', nextAttemptAtMs: Date.parse(at) });
  expect(asksPeople(state)).toBe(false);
  foldEvent(state, running('a', { attempt: 2 }));
  expect(state.open.get('a')).toMatchObject({ status: 'running', attempt: 2, message: null, nextAttemptAtMs: null });
});

test('a live word that comes after the end changes nothing', () => {
  const state = folded(durable('task.failed', { task: 'a', generation: 0 }), running('a'));
  expect(state.open.size).toBe(0);
});

test('a retry by hand opens the task again for its next generation', () => {
  const state = folded(durable('task.failed', { task: 'a', generation: 0 }), durable('task.retried', { task: 'a', generation: 1 }), running('a', { generation: 1 }));
  expect(state.decided.has('a')).toBe(false);
  expect(state.open.has('a')).toBe(true);
});

test('instances are shown one by one but do not count as tasks', () => {
  const state = folded(running('each', { instance: 0 }), running('each', { instance: 1 }), durable('task.succeeded', { task: 'each', instance: 0, generation: 0 }));
  expect([...state.open.keys()]).toEqual(['each[1]']);
  expect(state.decided.size).toBe(0);
});

test('a task that waits is shown without a worker saying so', () => {
  expect(folded(durable('task.waiting', { task: 'pause', generation: 0 })).open.get('pause')).toMatchObject({ status: 'waiting', startedAtMs: Date.parse(at) });
});

test('a task that waits for people says how their decision stands, once they are asked', () => {
  const waiting = (waitingFor: string) => live({ id: 'sign_off', instance: null, uses: 'approval', status: 'waiting', attempt: 0, generation: 0, progress: null, startedAt: at, waitingFor });
  const begun = folded(durable('task.waiting', { task: 'sign_off', generation: 0 }), waiting('approval'));
  expect([begun.open.get('sign_off')?.message, asksPeople(begun)]).toEqual([null, false]);
  const asked = folded(waiting('0 of 1; waiting for ann'));
  expect([asked.open.get('sign_off')?.message, asksPeople(asked)]).toEqual(['0 of 1; waiting for ann', true]);
  expect(asksPeople(folded(live({ id: 'hold', uses: 'core.wait', status: 'waiting', waitingFor: 'core.wait' })))).toBe(false);
});

test('instance -1 stands for the task itself', () => {
  expect(folded(durable('task.succeeded', { task: 'a', instance: -1, generation: 0 })).decided.get('a')).toBe('succeeded');
});

test('unknown kinds and odd data are ignored', () => {
  const state = folded(
    durable('task.exploded', { task: 'a' }), durable('planet.aligned'), durable('run.odd'), durable('task.succeeded'), durable('task.failed', { task: 7 }),
    live({ id: 'a', status: 'dancing' }), live({}), running('b', { progress: 'half', startedAt: 5, attempt: 'x' }),
  );
  expect(state.status).toBe('queued');
  expect([...state.open.keys()]).toEqual(['b']);
});
