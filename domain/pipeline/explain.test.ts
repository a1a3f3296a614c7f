import fc from 'fast-check';
import { explain } from './explain';
import { keptBy, type Part } from './explain-choice';
import { situationKinds, type Situation } from './explain-facts';

const since = '2026-01-31T12:00:00.000Z';
const run = '0199';
const task = { run, task: 'load' };
const stop = { reason: 'cancelled', by: 'ada', why: null } as const;
const slot = { pipeline: 'p', key: 'k', limit: 2, place: 1, holders: ['r1', 'r2'] };

const request = { id: 'a1', standing: '0 of 1; waiting for data-owner until Friday 17:00', waitingFor: ['ann'], until: since, link: 'http://localhost/review/a1' };

const samples: [Situation, string][] = [
  [{ kind: 'slot', since, ...slot }, 'load waits for a slot of p with the key "k": place 1 in the queue, and 2 of 2 slots held by r1 and r2.'],
  [{ kind: 'slot', since, ...slot, key: 'a\nb\u001b[31m' }, 'load waits for a slot of p with the key "a b [31m": place 1 in the queue, and 2 of 2 slots held by r1 and r2.'],
  [{ kind: 'starting', since, temporalReachable: true }, 'load is accepted, and its workflow is being started.'],
  [{ kind: 'needs', since, open: ['a', 'b', 'c', 'd', 'e'], total: 9 }, 'load waits for a, b, c and 2 more: 5 of its 9 needs are not final yet.'],
  [{ kind: 'deciding', since, expressions: ['if', 'forEach'] }, 'load has its needs, and its `if` and `forEach` is being decided.'],
  [{ kind: 'room', since, of: 'batch', inFlight: 50, most: 50 }, 'load is ready and waits for its turn: 50 of at most 50 tasks of the same batch are on their way.'],
  [{ kind: 'dispatched', since, queue: null }, 'load is being carried out.'],
  [{ kind: 'dispatched', since, queue: 'gpu' }, 'load has been handed to the task queue "gpu".'],
  [{ kind: 'queued', since, queue: 'gpu', backlog: 12 }, 'load waits on the task queue "gpu" for a free worker; about 12 tasks are queued there.'],
  [{ kind: 'no_worker', since, work: 'activity', queue: 'gpu', lastSeenAt: since }, 'load waits for a worker: no worker polls the queue "gpu"; the last one was seen at 2026-01-31 12:00:00 UTC.'],
  [{ kind: 'running', since, attempt: 2, maxAttempts: 3, worker: 'w1', percent: 41.7, message: 'rows 1 to 10' }, 'load runs attempt 2 of 3 on w1, 41 %: rows 1 to 10.'],
  [{ kind: 'progress', since, of: 'instances', total: 10, final: 3, working: [], heldUp: [] }, 'load runs: 3 of 10 instances are final.'],
  [{ kind: 'retry', since, attempt: 1, maxAttempts: null, nextAt: null, error: { code: 'http_status', message: '503\nbusy.' } }, 'load failed in attempt 1 (http_status: 503 busy) and tries again soon.'],
  [{ kind: 'timer', since, until: '2026-02-01T00:00:00.5Z' }, 'load waits until 2026-02-01 00:00:00 UTC.'],
  [{ kind: 'child', since, child: null }, 'load waits for its child run, which has not begun yet.'],
  [{ kind: 'approval', since, title: 'Publish?', workflowId: 'w', request: null }, 'load waits for a decision on "Publish?".'],
  [{ kind: 'approval', since, title: 'Publish?', workflowId: 'w', request }, 'load waits for a decision on "Publish?": 0 of 1; waiting for data-owner until Friday 17:00.'],
  [{ kind: 'paused', since, by: null, in: 'temporal' }, 'load waits: the run is paused in Temporal, so nothing new starts.'],
  [{ kind: 'cancelling', since, stop, graceUntil: since, cleanupUntil: null }, 'load is being cancelled by ada; what runs has until 2026-01-31 12:00:00 UTC to end.'],
  [{ kind: 'cancelling', since, stop: { ...stop, why: 'too\nlate.' }, graceUntil: null, cleanupUntil: null }, 'load is being cancelled by ada (too late).'],
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

test('a decision is waited for by its page and by the command line', () => {
  expect(explain(task, { kind: 'approval', since, title: 'Publish?', workflowId: 'w', request })).toMatchObject({
    next: 'Decide or answer it: http://localhost/review/a1, or datamcp approvals show a1', details: { task: 'load', title: 'Publish?', workflowId: 'w', request },
  });
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

const whole = { run };
const broken = { code: 'c', message: 'm' };

/** Situations of runs, and the less common turns of those above: with their sentence and the step to take next. */
const turns: [typeof whole | typeof task, Situation, string, string][] = [
  [whole, { kind: 'slot', since, ...slot, limit: 1, holders: [] }, 'The run waits for a slot of p with the key "k": place 1 in the queue, and 0 of 1 slot held by.', 'Nothing to do: a slot is free'],
  [whole, { kind: 'starting', since, temporalReachable: false }, 'The run is accepted and starts as soon as Temporal can be reached again.', 'Bring Temporal back (datamcp doctor); nothing is lost meanwhile'],
  [whole, { kind: 'progress', since, of: 'tasks', total: 1, final: 0, working: ['a'], heldUp: [] }, 'The run runs: 0 of 1 task is final; now a.', 'datamcp runs watch 0199'],
  [whole, { kind: 'progress', since, of: 'tasks', total: 9, final: 1, working: ['a', 'b', 'c', 'd'], heldUp: [] }, 'The run runs: 1 of 9 tasks are final; now a, b, c and d.', 'datamcp runs watch 0199'],
  [whole, { kind: 'progress', since, of: 'tasks', total: 9, final: 1, working: ['a'], heldUp: ['b', 'c'] }, 'The run runs: 1 of 9 tasks are final; now a; held up: b and c.', 'datamcp runs explain 0199 b'],
  [whole, { kind: 'no_worker', since, work: 'workflow', queue: 'q', lastSeenAt: null }, 'The run waits for a worker: no worker polls the queue "q" for workflows; none was seen in the last minutes.', 'Start a worker, with TEMPORAL_TASK_QUEUE=q; or wait, if its workers are at the end of what they can take'],
  [whole, { kind: 'paused', since, by: 'ada', in: 'temporal' }, 'The run is paused in Temporal by ada, so nothing new starts.', 'Unpause the workflow in the Temporal UI'],
  [whole, { kind: 'cancelling', since, stop: { ...stop, why: 'too slow' }, graceUntil: null, cleanupUntil: since }, 'The run is being cancelled by ada (too slow); clean-up has until 2026-01-31 12:00:00 UTC.', 'Wait for clean-up; datamcp runs cancel 0199 --force skips it'],
  [whole, { kind: 'cancelling', since, stop: { reason: 'timed_out', by: null, why: null }, graceUntil: null, cleanupUntil: null }, 'The run has used up its timeout and is being ended.', 'Wait for clean-up; datamcp runs cancel 0199 --force skips it'],
  [whole, { kind: 'unanswered', since, temporalReachable: false, patienceMs: 1 }, 'The run is open, and Temporal cannot be reached to ask about it.', 'Bring Temporal back (datamcp doctor), and ask again'],
  [whole, { kind: 'final', since, status: 'succeeded', open: false, cause: {} }, 'The run succeeded.', 'datamcp runs show 0199'],
  [whole, { kind: 'final', since, status: 'failed', open: false, cause: { task: 'load', error: broken } }, 'The run failed: load: c: m.', 'datamcp runs rerun 0199 --from failed'],
  [whole, { kind: 'final', since, status: 'failed', open: false, cause: { task: 'load', error: { code: 'c', message: 'is it missing?' } } }, 'The run failed: load: c: is it missing?', 'datamcp runs rerun 0199 --from failed'],
  [whole, { kind: 'final', since, status: 'timed_out', open: false, cause: {} }, 'The run timed out.', 'datamcp runs rerun 0199 --from failed'],
  [whole, { kind: 'final', since, status: 'cancelled', open: false, cause: { by: 'ada', why: 'too slow' } }, 'The run was cancelled by ada: too slow.', 'datamcp runs rerun 0199 --from failed'],
  [task, { kind: 'needs', since, open: ['a'], total: 1 }, 'load waits for a: 1 of its 1 need is not final yet.', 'datamcp runs explain 0199 a'],
  [task, { kind: 'deciding', since, expressions: [] }, 'load has its needs, and its start is being decided.', 'Nothing to do: it is decided within moments while a worker runs'],
  [task, { kind: 'room', since, of: 'run', inFlight: 1, most: null }, 'load is ready and waits for its turn: 1 of the tasks of the run is on its way.', 'Nothing to do: it starts as soon as something before it ends'],
  [task, { kind: 'room', since, of: 'forEach', inFlight: 2, most: null }, 'load is ready and waits for its turn: 2 of the instances are on their way.', 'Nothing to do: it starts as soon as something before it ends'],
  [task, { kind: 'queued', since, queue: 'q', backlog: 1 }, 'load waits on the task queue "q" for a free worker; about 1 task is queued there.', 'Wait until a worker is free, or start another one for this queue'],
  [task, { kind: 'running', since, attempt: 1, maxAttempts: null, worker: null, percent: null, message: null }, 'load runs attempt 1.', 'datamcp runs logs 0199 --task load --follow'],
  [task, { kind: 'retry', since, attempt: 1, maxAttempts: 3, nextAt: since, error: broken }, 'load failed in attempt 1 of 3 (c: m) and tries again at 2026-01-31 12:00:00 UTC.', 'See what it said: datamcp runs logs 0199 --task load'],
  [task, { kind: 'child', since, child: { run: '0200', pipeline: 'p', status: 'running' } }, 'load waits for its child run 0200 of p, which is running.', 'datamcp runs explain 0200'],
  [task, { kind: 'child', since, child: null, workflowId: 'run/p/1' }, 'load waits for its child run run/p/1.', 'Wait a moment, and ask again'],
  [task, { kind: 'cancelling', since, stop: { reason: 'request', by: null, why: null }, graceUntil: null, cleanupUntil: null }, 'load is being cancelled.', 'Wait: what does not end in time counts as cancelled'],
  [task, { kind: 'cancelling', since, stop: { reason: 'failed', by: '', why: null }, graceUntil: null, cleanupUntil: null }, 'load is being ended at its first failure.', 'Wait: what does not end in time counts as cancelled'],
  [task, { kind: 'progress', since, of: 'instances', total: 2, final: 0, working: ['load[0]', 'load[1]'], heldUp: [] }, 'load runs: 0 of 2 instances are final; now load[0] and load[1].', 'datamcp runs tasks 0199 load'],
  [task, { kind: 'progress', since, of: 'instances', total: 2, final: 0, working: ['load[0]'], heldUp: ['load[1]'] }, 'load runs: 0 of 2 instances are final; now load[0]; held up: load[1].', "datamcp runs explain 0199 'load[1]'"],
  [task, { kind: 'final', since, status: 'succeeded', open: false, cause: { attempt: 1 } }, 'load succeeded.', 'datamcp runs tasks 0199 load'],
  [task, { kind: 'final', since, status: 'skipped', open: true, cause: { reason: 'condition' } }, 'load was skipped because its `if` said no.', 'Nothing to do: this is what the definition says'],
  [task, { kind: 'final', since, status: 'skipped', open: true, cause: { reason: 'need' } }, 'load was skipped because its need did not succeed.', 'Nothing to do: this is what the definition says'],
  [task, { kind: 'final', since, status: 'skipped', open: true, cause: { reason: 'need', task: 'a' } }, 'load was skipped because its need a did not succeed.', 'datamcp runs explain 0199 a'],
  [task, { kind: 'final', since, status: 'cancelled', open: true, cause: { reason: 'instance' } }, 'load was cancelled because another instance failed before it started.', 'Nothing to do for it alone: the run goes on'],
  [task, { kind: 'final', since, status: 'cancelled', open: true, cause: { reason: 'request', by: 'ada' } }, 'load was cancelled by ada.', 'Nothing to do for it alone: the run goes on'],
  [task, { kind: 'final', since, status: 'cancelled', open: false, cause: { reason: 'cancelled', by: 'ada', why: 'too slow' } }, 'load was cancelled with the run by ada: too slow.', 'datamcp runs rerun 0199 --from failed'],
  [task, { kind: 'final', since, status: 'cancelled', open: false, cause: { reason: 'cancelled' } }, 'load was cancelled with the run.', 'datamcp runs rerun 0199 --from failed'],
  [task, { kind: 'final', since, status: 'cancelled', open: false, cause: { reason: 'failed' } }, 'load was cancelled because the run ended at its first failure.', 'datamcp runs rerun 0199 --from failed'],
];

test.each(turns.map(([subject, situation, sentence, next]) => [sentence, next, subject, situation] as const))('%s %s', (sentence, next, subject, situation) => {
  expect(explain(subject, situation)).toMatchObject({ sentence, next });
});
