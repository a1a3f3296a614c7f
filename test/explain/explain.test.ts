import type { TaskDetail } from '../../cli/wire';
import { childEndedSignal, type ChildEnded } from '../../workflows/pipeline/contract';
import { TestApi } from '../api/test-api';
import { ExplainStage, narrowQueue, narrowRoom, openStubbornWorker } from './explain-stage';

let stage: ExplainStage;
beforeAll(async () => { stage = await ExplainStage.open(); });
afterAll(() => stage.close());

const rfc3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const hold = (name: string, extra = ''): string => `
name: ${name}
${extra}
tasks:
  - { id: hold, uses: core.wait, with: { duration: 1h } }
  - { id: next, needs: [hold], uses: core.noop }
`;

test('slot: the place in the queue, and who holds the slots', async () => {
  const limited = hold('door', 'concurrency: { key: only, limit: 1, whenFull: queue }');
  const holder = await stage.start(limited);
  await stage.start(limited);
  const last = await stage.start(limited);
  const expected = {
    kind: 'slot', since: rfc3339, next: `datamcp runs explain ${holder}`,
    sentence: `The run waits for a slot of door with the key "only": place 2 in the queue, and 1 of 1 slot held by ${holder}.`,
    details: { pipeline: 'door', key: 'only', limit: 1, place: 2, holders: [holder] },
  };
  expect(await stage.explain(last)).toEqual(expected);
  expect(await stage.explain(last, 'next')).toEqual(expected);
  // What never started is cancelled with its run, whoever is asked.
  await stage.act(last, 'cancel', { reason: 'no use' });
  expect(await stage.explain(last, 'next')).toMatchObject({ sentence: 'next was cancelled with the run by admin: no use.' });
  const { body: tasks } = await stage.api.call('GET', `/v1/runs/${last}/tasks?status=cancelled`);
  expect(tasks['items']).toMatchObject([{ id: 'hold', status: 'cancelled' }, { id: 'next', status: 'cancelled' }]);
  await stage.until(holder, 'hold', 'timer');
  const { body: diff } = await stage.api.call('GET', `/v1/runs/${holder}/diff?with=${last}`);
  expect(diff['tasks']).toMatchObject([{ id: 'hold', differs: ['status'], left: { status: 'waiting' }, right: { status: 'cancelled', attempt: 0, output: null } }]);
});

test('timer and needs: until when, and which are left; a run that only waits says what its task waits for', async () => {
  const run = await stage.start(hold('timers'));
  const timer = await stage.until(run, 'hold', 'timer');
  expect(timer).toEqual({
    kind: 'timer', since: rfc3339, next: 'Nothing to do: it goes on by itself then', details: { task: 'hold', until: rfc3339 },
    sentence: expect.stringMatching(/^hold waits until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/),
  });
  expect(await stage.explain(run)).toEqual(timer);
  expect(await stage.explain(run, 'next')).toEqual({
    kind: 'needs', since: rfc3339, sentence: 'next waits for hold: 1 of its 1 need is not final yet.', next: `datamcp runs explain ${run} hold`,
    details: { task: 'next', open: ['hold'], total: 1 },
  });
  expect(await stage.details(run)).toContain(timer.sentence);
  const shown = await stage.cli.run(['runs', 'explain', run, 'hold']);
  expect(shown.stdout.split('\n')[0]).toBe(timer.sentence);
  expect((await stage.cli.run(['runs', 'show', run])).stdout).toContain(timer.sentence);
  expect((await stage.cli.json('runs', 'explain', run, 'next')).document).toEqual(await stage.explain(run, 'next'));
  expect(await stage.cli.run(['runs', 'explain', run, 'No-Task'])).toMatchObject({ code: 2 });
  expect(await stage.cli.run(['runs', 'explain', run, 'nobody'])).toMatchObject({ code: 2 });
});

test('pause: since when and by whom, and what it holds back', async () => {
  const run = await stage.start(`
name: pauses
tasks:
  - { id: hold, uses: core.wait, with: { duration: 1s } }
  - { id: next, needs: [hold], uses: core.noop }
`);
  await stage.until(run, 'hold', 'timer');
  await stage.act(run, 'pause');
  const found = { kind: 'paused', since: rfc3339, next: `datamcp runs resume ${run}`, details: { by: 'admin', in: 'datamcp' } };
  expect(await stage.explain(run)).toEqual({ ...found, sentence: 'The run is paused by admin, so nothing new starts.' });
  expect(await stage.details(run)).toContain('The run is paused by admin, so nothing new starts.');
  await stage.until(run, 'hold', 'final');
  expect(await stage.explain(run, 'next')).toEqual({
    ...found, sentence: 'next waits: the run is paused by admin, so nothing new starts.', details: { task: 'next', ...found.details },
  });
  await stage.act(run, 'resume');
  expect(await stage.until(run, '', 'final')).toMatchObject({ sentence: 'The run succeeded.' });
});

test('child: which run, and how it is', async () => {
  await stage.api.apply(hold('long-child'));
  const run = await stage.start('name: parent\ntasks: [ { id: call, uses: pipeline.run, with: { pipeline: long-child } } ]');
  await stage.until(run, 'call', 'child');
  const childOf = async () => (await stage.api.database.pool.query<{ id: string; workflow: string }>('select id, workflow_id as workflow from runs where parent_run = $1 and status = $2', [run, 'waiting'])).rows[0];
  let child = await childOf();
  while (!child) child = await childOf();
  const found = await stage.explain(run, 'call');
  expect(found).toEqual({
    kind: 'child', since: rfc3339, sentence: `call waits for its child run ${child.id} of long-child, which is waiting.`, next: `datamcp runs explain ${child.id}`,
    details: { task: 'call', child: { run: child.id, pipeline: 'long-child', status: 'waiting' } },
  });
  expect(await stage.explain(run)).toEqual(found);
  expect(await stage.details(run)).toContain(`call waits for its child run ${child.workflow}.`);
  expect((await stage.cli.run(['runs', 'explain', '@last'])).stdout.split('\n')[0]).toBe(found.sentence);
});

test('a late word of an older child does not end the step that waits for another one; one without an id still counts', async () => {
  const run = await stage.start('name: late-words\ntasks: [ { id: call, uses: pipeline.run, with: { pipeline: long-child } } ]');
  await stage.until(run, 'call', 'child');
  const parent = stage.api.deps.temporal.workflow.getHandle(`run/late-words/${run}`);
  const end: ChildEnded = { unit: { task: 0, instance: -1 }, status: 'succeeded', outputs: { told: true }, error: null };
  await parent.signal(childEndedSignal, { ...end, workflowId: `run/long-child/${run}.call.7` });
  await parent.query('explain');
  expect(await stage.explain(run, 'call')).toMatchObject({ kind: 'child' });
  await parent.signal(childEndedSignal, end);
  expect(await stage.until(run, 'call', 'final')).toMatchObject({ sentence: 'call succeeded.' });
});

test('retry: the attempt, the next time and the last error', async () => {
  const run = await stage.start(`
name: retries
tasks:
  - { id: flaky, uses: core.fail, with: { failAttempts: 1, message: not yet }, retry: { maxAttempts: 3, initialInterval: 1h, maxInterval: 1h } }
`);
  const found = await stage.until(run, 'flaky', 'retry');
  expect(found).toEqual({
    kind: 'retry', since: rfc3339, next: `See what it said: datamcp runs logs ${run} --task flaky`,
    sentence: expect.stringMatching(/^flaky failed in attempt 1 of 3 \(task_failed: not yet\) and tries again at .* UTC\.$/),
    details: { task: 'flaky', attempt: 1, maxAttempts: 3, nextAt: rfc3339, error: { code: 'task_failed', message: 'not yet' } },
  });
  const { nextAt } = found.details;
  expect(typeof nextAt === 'string' && Date.parse(nextAt) - Date.parse(found.since ?? '')).toBeGreaterThan(3_500_000);
  expect(await stage.explain(run)).toEqual(found);
  const { document } = await stage.cli.json<TaskDetail>('runs', 'tasks', run, 'flaky');
  expect(document).toMatchObject({ status: 'queued', attempt: 1, waitingFor: 'retry', nextAttemptAt: rfc3339, error: { code: 'task_failed', message: 'not yet' } });
  expect((await stage.cli.run(['runs', 'show', run])).stdout).toMatch(/flaky +queued +1 +core\.fail +tries again in 59 m after task_failed: not yet/);
});

test('no worker: a queue that nobody polls', async () => {
  const run = await stage.start('name: nobody\ntasks: [ { id: train, uses: core.sleep, queue: gpu, with: { milliseconds: 0 } } ]');
  const found = await stage.until(run, 'train', 'no_worker');
  expect(found).toEqual({
    kind: 'no_worker', since: rfc3339, sentence: 'train waits for a worker: no worker polls the queue "gpu"; none was seen in the last minutes.',
    next: expect.stringContaining('DATAMCP_WORKER_QUEUES=gpu'), details: { task: 'train', work: 'activity', queue: 'gpu', lastSeenAt: null },
  });
  expect(await stage.explain(run)).toEqual(found);
  expect(await stage.details(run)).toContain('train has been handed to the task queue "gpu".');
});

test('queued behind others, and what runs: on which worker, how far', async () => {
  const names = Array.from({ length: narrowRoom + 2 }, (_, index) => `t${index}`);
  const run = await stage.start(`name: narrow\ntasks:\n${names.map((id) => `  - { id: ${id}, uses: core.sleep, queue: ${narrowQueue}, with: { milliseconds: 600000 } }`).join('\n')}
  - { id: train, uses: core.sleep, queue: gpu, with: { milliseconds: 0 } }
`);
  expect(await stage.until(run, '', 'progress', `and ${narrowRoom - 3} more; held up: train.`)).toMatchObject({
    sentence: expect.stringContaining(`The run runs: 0 of ${names.length + 1} tasks are final; now t`), next: `datamcp runs explain ${run} train`, details: { heldUp: ['train'] },
  });
  const found = await Promise.all(names.map((name) => stage.explain(run, name)));
  const running = found.filter(({ kind }) => kind === 'running');
  const queued = found.filter(({ kind }) => kind === 'queued');
  expect([running.length, queued.length]).toEqual([narrowRoom, 2]);
  expect(running[0]).toEqual({
    kind: 'running', since: rfc3339, sentence: expect.stringMatching(/^t\d runs attempt 1 of 3 on \d+@\S+\.$/), next: expect.stringMatching(/^datamcp runs logs .* --task t\d --follow$/),
    details: { task: expect.any(String), attempt: 1, maxAttempts: 3, worker: expect.any(String), percent: null, message: null },
  });
  expect(queued[0]).toMatchObject({
    sentence: expect.stringMatching(/^t\d waits on the task queue "explain-narrow" for a free worker; about \d tasks? (is|are) queued there\.$/), details: { queue: narrowQueue },
  });
  await stage.act(run, 'cancel', { reason: 'seen enough' });
  expect(await stage.until(run, '', 'final')).toMatchObject({ sentence: 'The run was cancelled by admin: seen enough.', next: `datamcp runs rerun ${run} --from failed` });
  expect(await stage.explain(run, 't7')).toMatchObject({ sentence: 't7 was cancelled with the run by admin: seen enough.' });
});

test('cancelling: a task alone, and the run with its clean-up, each with the time that is left', async () => {
  const worker = await openStubbornWorker(stage, 'explain-stubborn');
  const run = await stage.start(`
name: stubborn
cleanupTimeout: 5m
tasks:
  - { id: one, uses: core.sleep, queue: explain-stubborn, with: { milliseconds: 1 } }
  - { id: two, uses: core.sleep, queue: explain-stubborn, with: { milliseconds: 1 } }
  - { id: tidy, needs: [one], if: always(), uses: core.noop }
`);
  expect(await stage.until(run, 'one', 'running')).toMatchObject({ details: { worker: worker.identity } });
  await stage.act(run, 'tasks/one/cancel');
  expect(await stage.until(run, 'one', 'cancelling', 'by admin')).toMatchObject({
    sentence: expect.stringMatching(/^one is being cancelled by admin; what runs has until .* UTC to end\.$/), details: { stop: { reason: 'request', by: 'admin', why: null } },
  });
  await stage.act(run, 'cancel', { reason: 'no use' });
  expect(await stage.until(run, '', 'cancelling', 'The run')).toMatchObject({
    sentence: expect.stringMatching(/^The run is being cancelled by admin \(no use\); clean-up has until .* UTC\.$/), next: expect.stringContaining('--force'),
  });
  expect(await stage.until(run, 'two', 'cancelling', 'no use')).toMatchObject({ details: { stop: { reason: 'cancelled', by: 'admin', why: 'no use' } } });
  expect(await stage.explain(run, 'tidy')).toMatchObject({ kind: 'needs' });
  expect(await stage.details(run)).toContain('The run is being cancelled by admin (no use)');
  worker.release();
  await stage.until(run, '', 'final');
});

test('deciding: an expression waits for what it reads', async () => {
  const run = await stage.start(`
name: decides
tasks:
  - { id: hold, uses: core.wait, with: { duration: 1s } }
  - { id: text, needs: [hold], uses: core.set, with: { text: "${'long '.repeat(1_000)}" } }
  - { id: next, needs: [text], if: "size(tasks.text.output.text) > 0", uses: core.noop }
`);
  await stage.until(run, 'next', 'needs');
  const client = await stage.api.database.pool.connect();
  try {
    // Whoever decides looks the plan up, which the API holds already.
    await client.query('begin');
    await client.query('lock table plans in access exclusive mode');
    expect(await stage.until(run, 'next', 'deciding')).toMatchObject({ sentence: 'next has its needs, and its `if` is being decided.', details: { expressions: ['if'] } });
  } finally {
    await client.query('rollback');
    client.release();
  }
  expect(await stage.until(run, '', 'final')).toMatchObject({ sentence: 'The run succeeded.' });
});

test('a forEach is where its instances are: one waits, the next for room; its row has a start from the first instance on', async () => {
  const run = await stage.start(`
name: each
tasks:
  - { id: all, forEach: { in: [1, 2, 3], as: item, maxParallel: 1 }, uses: core.wait, with: { duration: 1h } }
  - { id: quick, forEach: { in: [1, 2], as: item }, uses: core.noop }
`);
  const first = await stage.until(run, 'all[0]', 'timer');
  expect(first).toMatchObject({ sentence: expect.stringContaining('all[0] waits until'), details: { task: 'all', instance: 0 } });
  expect(await stage.explain(run, 'all')).toEqual(first);
  expect(await stage.explain(run, 'all[2]')).toMatchObject({
    kind: 'room', sentence: 'all[2] is ready and waits for its turn: 1 of at most 1 instances is on its way.', details: { of: 'forEach', inFlight: 1, most: 1 },
  });
  await stage.until(run, 'quick', 'final');
  const { body } = await stage.api.call('GET', `/v1/runs/${run}/tasks`);
  expect(body['items']).toMatchObject([{ id: 'all', status: 'waiting', startedAt: rfc3339 }, { id: 'quick', status: 'succeeded', attempt: 1, startedAt: rfc3339 }]);
  const { body: quick } = await stage.api.call('GET', `/v1/runs/${run}/tasks/quick`);
  expect(String(quick['finishedAt']) >= String(quick['startedAt'])).toBe(true);
  expect(await stage.api.call('GET', `/v1/runs/${run}/explain?task=all&instance=3`)).toMatchObject({ status: 404 });
  expect(await stage.api.call('GET', `/v1/runs/${run}/explain?instance=3`)).toMatchObject({ status: 422 });
});

test('final: failed by which task, skipped because of which need or its own `if`, cancelled by whom', async () => {
  const run = await stage.start(`
name: ends
defaults: { retry: { maxAttempts: 1 } }
tasks:
  - { id: bad, uses: core.fail, with: { message: out of luck } }
  - { id: after, needs: [bad], uses: core.noop }
  - { id: never, if: "false", uses: core.noop }
  - { id: each, needs: [bad], if: always(), forEach: { in: [1], as: item }, uses: core.fail, with: { message: "no ${'${{ item }}'}" } }
  - { id: hold, uses: core.wait, with: { duration: 1h } }
  - { id: behind, needs: [hold], uses: core.noop }
  - { id: none, needs: [bad], forEach: { in: [1], as: item }, uses: core.noop }
`);
  await stage.until(run, 'each', 'final');
  await stage.act(run, 'tasks/hold/cancel');
  await stage.until(run, '', 'final');
  const said = async (unit = ''): Promise<string> => (await stage.explain(run, unit)).sentence;
  expect(await Promise.all(['', 'bad', 'after', 'never', 'each', 'each[0]', 'hold', 'behind'].map(said))).toEqual([
    'The run failed: task_failed: bad: out of luck.', 'bad failed: task_failed: out of luck.', 'after was skipped because its need bad did not succeed.',
    'never was skipped because its `if` said no.', 'each failed: task_failed: instance 0: no 1.', 'each[0] failed: task_failed: no 1.',
    'hold was cancelled by admin.', 'behind was cancelled because its need hold did not succeed.',
  ]);
  expect(await said('none[3]')).toBe('none was skipped because its need bad did not succeed.');
  expect(await stage.api.call('GET', `/v1/runs/${run}/explain?task=each&instance=1`)).toMatchObject({ status: 404 });
});

test('a large run: a task of a batch that nobody takes, and one that waits for its turn in the batch', async () => {
  const padding = 'x'.repeat(300);
  const tasks = Array.from({ length: 220 }, (_, index) => `  - { id: t${index}, uses: core.log, queue: gpu, with: { message: ${padding} } }`);
  const run = await stage.start(`name: large\ntasks:\n${tasks.join('\n')}\n`);
  expect(await stage.until(run, 't30', 'no_worker')).toMatchObject({ details: { task: 't30', queue: 'gpu' } });
  expect(await stage.until(run, 't219', 'room')).toMatchObject({ sentence: expect.stringContaining('t219 is ready and waits for its turn: 50 of at most 50') });
});

test('no worker at all: the workflow does not answer, and that is said; a run accepted meanwhile waits to be started', async () => {
  const open = await stage.start(hold('left-alone'));
  await stage.until(open, 'hold', 'timer');
  const dead = await TestApi.start({ TEMPORAL_ADDRESS: '127.0.0.1:9' }, () => stage.api.database.url);
  stage.onClose(() => dead.close());
  const lonely = await TestApi.start({ TEMPORAL_TASK_QUEUE: 'nobody' }, () => stage.api.database.url);
  stage.onClose(() => lonely.close());
  await stage.cli.stopWorker();
  try {
    const begun = Date.now();
    expect(await stage.explain(open, 'hold')).toMatchObject({
      kind: 'no_worker', sentence: expect.stringMatching(/^hold waits for a worker: no worker polls the queue "test-.*" for workflows; the last one was seen at .* UTC\.$/),
    });
    expect(Date.now() - begun).toBeLessThan(6_000);
    const accepted = await stage.start(hold('nobody-starts'));
    expect(await stage.explain(accepted)).toMatchObject({ kind: 'starting', sentence: 'The run is accepted, and its workflow is being started.' });
    expect(await stage.until(accepted, 'next', 'no_worker')).toMatchObject({ sentence: expect.stringMatching(/^The run waits for a worker: no worker polls/) });
    expect(await stage.explain(accepted, '', dead)).toMatchObject({ kind: 'starting', sentence: 'The run is accepted and starts as soon as Temporal can be reached again.' });
    const unstarted = String((await dead.call('POST', '/v1/pipelines/nobody-starts/runs', { key: stage.api.adminKey, body: {} })).body['id']);
    expect(await stage.explain(unstarted, '', lonely)).toMatchObject({ kind: 'no_worker', sentence: 'The run waits for a worker: no worker polls the queue "nobody" for workflows; none was seen in the last minutes.' });
    expect(await stage.explain(open, 'hold', dead)).toMatchObject({ kind: 'unanswered', sentence: 'hold is open, and Temporal cannot be reached to ask about it.' });
  } finally {
    await stage.cli.startWorker();
  }
  await stage.until(open, 'hold', 'timer');
}, 60_000);
