import fc from 'fast-check';
import { explain } from './explain';
import { keptBy, type Part } from './explain-choice';
import { situationKinds, type Situation } from './explain-facts';

const since = '2026-01-31T12:00:00.000Z';
const run = '0199';
const task = { run, task: 'load' };
const stop = { reason: 'cancelled', by: 'ada', why: null } as const;
const slot = { pipeline: 'p', key: 'k', limit: 2, place: 1, holders: ['r1', 'r2'] };

const samples: [Situation, string][] = [
  [{ kind: 'slot', since, ...slot }, 'load waits for a slot of p with the key "k": place 1 in the queue, and 2 of 2 slots held by r1 and r2.'],
  [{ kind: 'starting', since, temporalReachable: true }, 'load is accepted, and its workflow is being started.'],
  [{ kind: 'needs', since, open: ['a', 'b', 'c', 'd', 'e'], total: 9 }, 'load waits for a, b, c and 2 more: 5 of its 9 needs are not final yet.'],
  [{ kind: 'deciding', since, expressions: ['if', 'forEach'] }, 'load has its needs, and its `if` and `forEach` is being decided.'],
  [{ kind: 'room', since, of: 'batch', inFlight: 50, most: 50 }, 'load is ready and waits for its turn: 50 of at most 50 tasks of the same batch are on their way.'],
  [{ kind: 'dispatched', since, queue: null }, 'load is being carried out.'],
  [{ kind: 'dispatched', since, queue: 'gpu' }, 'load has been handed to the task queue "gpu".'],
  [{ kind: 'queued', since, queue: 'gpu', backlog: 12 }, 'load waits on the task queue "gpu" for a free worker; about 12 tasks are queued there.'],
  [{ kind: 'no_worker', since, work: 'activity', queue: 'gpu', lastSeenAt: since }, 'load waits for a worker: no worker polls the queue "gpu"; the last one was seen at 2026-01-31 12:00:00 UTC.'],
  [{ kind: 'running', since, attempt: 2, maxAttempts: 3, worker: 'w1', percent: 41.7, message: 'rows 1 to 10' }, 'load runs attempt 2 of 3 on w1, 41 %: rows 1 to 10.'],
  [{ kind: 'progress', since, of: 'instances', total: 10, final: 3, working: [] }, 'load runs: 3 of 10 instances are final.'],
  [{ kind: 'retry', since, attempt: 1, maxAttempts: null, nextAt: null, error: { code: 'http_status', message: '503\nbusy.' } }, 'load failed in attempt 1 (http_status: 503 busy) and tries again soon.'],
  [{ kind: 'timer', since, until: '2026-02-01T00:00:00.5Z' }, 'load waits until 2026-02-01 00:00:00 UTC.'],
  [{ kind: 'child', since, child: null }, 'load waits for its child run, which has not begun yet.'],
  [{ kind: 'paused', since, by: null, in: 'temporal' }, 'load waits: the run is paused in Temporal, so nothing new starts.'],
  [{ kind: 'cancelling', since, stop, graceUntil: since, cleanupUntil: null }, 'load is being cancelled by ada; what runs has until 2026-01-31 12:00:00 UTC to end.'],
  [{ kind: 'unanswered', since: null, temporalReachable: true, patienceMs: 3_000 }, 'load is open, and its workflow did not answer within 3 s.'],
  [{ kind: 'final', since, status: 'skipped', open: true, cause: { reason: 'need', task: 'a' } }, 'load was skipped because its need a did not succeed.'],
  [{ kind: 'final', since, status: 'cancelled', open: false, cause: { reason: 'timed_out' } }, 'load was cancelled because the run used up its timeout.'],
  [{ kind: 'final', since, status: 'failed', open: true, cause: { attempt: 3, error: { code: 'c', message: 'm' } } }, 'load failed in attempt 3: c: m.'],
];

test.each(samples.map(([situation, sentence]) => [sentence, situation] as const))('%s', (sentence, situation) => {
  const said = explain(task, situation);
  expect(said).toMatchObject({ kind: situation.kind, since: situation.since, sentence });
  expect(said.next).not.toBe('');
});

test('every kind has its sentence', () => {
  expect(new Set(samples.map(([{ kind }]) => kind))).toEqual(new Set(situationKinds));
});

test('the facts are in the details, with the unit that they are about', () => {
  expect(explain({ run, task: 'each', instance: 3 }, { kind: 'timer', since, until: since })).toMatchObject({
    sentence: 'each[3] waits until 2026-01-31 12:00:00 UTC.', details: { task: 'each', instance: 3, until: since },
  });
  expect(explain({ run }, { kind: 'paused', since, by: 'ada', in: 'datamcp' })).toMatchObject({ sentence: 'The run is paused by ada, so nothing new starts.', details: { by: 'ada' } });
});

test('a long error is cut, and stays on one line', () => {
  const { sentence } = explain(task, { kind: 'retry', since, attempt: 1, maxAttempts: 2, nextAt: since, error: { code: 'c', message: 'long\n'.repeat(1_000) } });
  expect(sentence.length).toBeLessThan(500);
  expect(sentence).not.toContain('\n');
});

test('a failed task of an open run can be retried; a run that is over is rerun', () => {
  const failed = { kind: 'final', since, status: 'failed', cause: {} } as const;
  expect(explain(task, { ...failed, open: true }).next).toBe('datamcp runs retry-task 0199 load');
  expect(explain({ run }, { ...failed, open: false }).next).toBe('datamcp runs rerun 0199 --from failed');
});

test('a group is kept by its most telling part, and by none while something is at work', () => {
  const parts: Part[] = samples.map(([situation]) => ({ subject: task, situation }));
  expect(keptBy(parts)).toBeUndefined();
  fc.assert(fc.property(fc.shuffledSubarray(parts.filter(({ situation: { kind } }) => ['timer', 'retry', 'no_worker', 'child'].includes(kind)), { minLength: 1 }), (some) => {
    const kinds = some.map(({ situation: { kind } }) => kind);
    expect(keptBy(some)?.situation.kind).toBe((['no_worker', 'retry', 'child', 'timer'] as const).find((kind) => kinds.includes(kind)));
  }));
});
