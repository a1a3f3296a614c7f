import { setTimeout as sleep } from 'node:timers/promises';
import { claimUndispatched } from '../../db/dispatch';
import { saveLive } from '../../db/live';
import { requestCancel } from '../../db/runs';
import { startRun, taskFact, tell, twoTasks } from './run-life';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start({ TEMPORAL_UI_URL: 'http://temporal.example:8233/' }); });
afterAll(() => api.close());

const start = (name: string, body?: object, headers: Record<string, string> = {}) =>
  api.call('POST', `/v1/pipelines/${name}/runs`, { ...(body && { body }), headers });
const rowsOf = async (name: string): Promise<number> =>
  (await api.database.pool.query<{ n: number }>('select count(*)::int as n from runs where pipeline = $1', [name])).rows[0]?.n ?? -1;

describe('starting a run', () => {
  test('is accepted at once, with its place and the run as everyone sees it', async () => {
    await api.apply(twoTasks('started'));
    const answer = await start('started', { inputs: { month: '2001-02' }, labels: { why: 'test' }, priority: 1 });
    expect(answer.status).toBe(202);
    const id = String(answer.body['id']);
    expect(answer.headers.get('location')).toBe(`/v1/runs/${id}`);
    expect(id[14]).toBe('7');
    expect(answer.body).toEqual({
      id, pipeline: 'started', version: 1, status: 'queued', inputs: { month: '2001-02' }, outputs: null, labels: { team: 'data', why: 'test' }, priority: 1,
      trigger: { type: 'api' }, requestedBy: 'admin', createdAt: expect.any(String), startedAt: null, finishedAt: null,
      progress: { total: 2, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, running: 0, waiting: 0, queued: 0, pending: 2 },
      error: null, warnings: [], rerunOf: null, parentRun: null, workflowId: `run/started/${id}`,
      links: { temporal: `http://temporal.example:8233/namespaces/datamcp/workflows/run%2Fstarted%2F${id}`, console: null },
    });
    expect((await api.call('GET', `/v1/runs/${id}`)).body).toEqual(answer.body);
  });

  test('starts its workflow under the id that the row names, with the plan in its arguments', async () => {
    const id = await startRun(api, 'dispatched');
    const handle = api.deps.temporal.workflow.getHandle(`run/dispatched/${id}`);
    for (let tries = 0; ; tries += 1) {
      const found = await handle.describe().catch(() => undefined);
      if (found) {
        expect(found).toMatchObject({ type: 'pipelineRun', taskQueue: api.deps.config.TEMPORAL_TASK_QUEUE, status: { name: 'RUNNING' } });
        break;
      }
      if (tries === 50) throw new Error('the workflow was not started');
      await sleep(100);
    }
  });

  test('tells a workflow that busy workers have not begun ever more rarely, and at once of a cancel', async () => {
    const { pool } = api.database;
    const id = await startRun(api, 'patient');
    const claimed = async (waitedMs: number, toldMsAgo: number): Promise<boolean> => {
      await pool.query("update runs set dispatched_at = now() - $2 * interval '1 ms', admitted_at = now() - ($2 + $3) * interval '1 ms' where id = $1", [id, toldMsAgo, waitedMs]);
      return (await claimUndispatched(pool, 5_000, 1_000)).some((run) => run.id === id);
    };
    expect([await claimed(0, 4_000), await claimed(0, 6_000), await claimed(20_000, 19_000), await claimed(20_000, 21_000), await claimed(600_000, 61_000)])
      .toEqual([false, true, false, true, true]);
    expect(await claimed(600_000, 30_000)).toBe(false);
    await requestCancel(pool, id, { by: 'ada' });
    expect((await claimUndispatched(pool, 5_000, 1_000)).map((run) => run.id)).toContain(id);
  });

  test('takes no body, the defaults and an older version', async () => {
    await api.apply(twoTasks('versions'));
    await api.apply(twoTasks('versions').replace('bye', 'ciao'));
    expect(await start('versions')).toMatchObject({ status: 202, body: { version: 2, inputs: { month: '2001-01' } } });
    expect(await start('versions', { version: 1 })).toMatchObject({ status: 202, body: { version: 1 } });
    expect(await start('versions', { version: 3 })).toMatchObject({ status: 404, body: { detail: expect.stringContaining('the newest is 2') } });
  });

  test.each([
    ['an input that is not there', { inputs: { mont: 'x' } }, 'inputs.invalid', '/inputs/mont'],
    ['a value that breaks its rule', { inputs: { month: 'May' } }, 'inputs.invalid', '/inputs/month'],
    ['an unknown field', { input: {} }, 'request.invalid', '/input'],
    ['a priority outside 1 to 5', { priority: 6 }, 'request.invalid', '/priority'],
    ['a label that is no text', { labels: { a: 1 } }, 'request.invalid', '/labels/a'],
    ['inputs that are a list', { inputs: [] }, 'request.invalid', '/inputs'],
    ['a NUL', { labels: { a: 'x\0' } }, 'request.invalid', '/labels/a'],
    ['inputs nested too deep', { inputs: { a: JSON.parse('['.repeat(70) + ']'.repeat(70)) } }, 'request.invalid', expect.stringContaining('/inputs/a/0')],
  ])('with %s is refused with its place, and nothing is stored', async (_, body, code, path) => {
    await api.apply(twoTasks('refused'));
    expect(await start('refused', body)).toMatchObject({ status: 422, body: { code, errors: [{ path }] } });
    expect(await rowsOf('refused')).toBe(0);
  });

  test('with a body that is not JSON says where, with one that is too large says so', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await api.call('POST', '/v1/pipelines/x/runs', { body: '{"inputs": {\n  "a": tru}}', headers }))
      .toMatchObject({ status: 400, body: { code: 'request.malformed', errors: [{ line: 2, column: 11 }] } });
    expect(await api.call('POST', '/v1/pipelines/x/runs', { body: `{"inputs": {"a": "${'x'.repeat(300_000)}"}}`, headers })).toMatchObject({ status: 413 });
    expect(await api.call('POST', '/v1/pipelines/x/runs', { body: 'inputs: {}', headers: { 'content-type': 'application/yaml' } })).toMatchObject({ status: 415 });
    expect(await api.call('POST', '/v1/pipelines/not-there/runs')).toMatchObject({ status: 404 });
  });

  test('only tried checks the same and keeps nothing', async () => {
    await api.apply(twoTasks('tried'));
    expect(await start('tried', { dryRun: true })).toMatchObject({ status: 200, body: { status: 'queued', inputs: { month: '2001-01' } } });
    expect((await start('tried', { dryRun: true, inputs: { month: 'May' } })).status).toBe(422);
    expect(await rowsOf('tried')).toBe(0);
  });

  test('says that our command line started it', async () => {
    await api.apply(twoTasks('by-cli'));
    expect((await start('by-cli', {}, { 'user-agent': 'datamcp-cli/1' })).body['trigger']).toEqual({ type: 'cli' });
  });
});

describe('concurrency at the door', () => {
  const limited = (name: string, whenFull: string): string =>
    twoTasks(name).replace('inputs:', `concurrency: { key: "\${{ inputs.month }}", limit: 1, whenFull: ${whenFull} }\ninputs:`);

  test('refuses what would be too many, per key', async () => {
    await api.apply(limited('rejecting', 'reject'));
    expect((await start('rejecting')).status).toBe(202);
    expect(await start('rejecting')).toMatchObject({ status: 409, body: { code: 'run.concurrency_limit', key: '2001-01', limit: 1 } });
    expect((await start('rejecting', { inputs: { month: '2001-02' } })).status).toBe(202);
  });

  test('queues it, and a queued run is cancelled at once', async () => {
    await api.apply(limited('queueing', 'queue'));
    await start('queueing');
    const { body } = await start('queueing');
    expect(body).toMatchObject({ status: 'queued' });
    const cancel = `/v1/runs/${String(body['id'])}/cancel`;
    expect(await api.call('POST', cancel, { body: { reason: 'not needed' } }))
      .toMatchObject({ status: 200, body: { status: 'cancelled', error: { code: 'cancelled', message: expect.stringContaining('not needed') } } });
    expect(await api.call('POST', cancel)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  });
});

describe('Prefer: wait', () => {
  test('answers the moment a run is final', async () => {
    const id = await startRun(api, 'waited');
    const began = Date.now();
    const waiting = api.call('GET', `/v1/runs/${id}`, { headers: { prefer: 'respond-async, wait=30' } });
    await sleep(300);
    await tell(api, id, 1, 'succeeded', { finishedAt: new Date().toISOString(), outputs: { rows: 3 } });
    const answer = await waiting;
    expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded', outputs: { rows: 3 } } });
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(Date.now() - began).toBeLessThan(1_500);
  });

  test('on a start gives up after the seconds with what is known', async () => {
    await api.apply(twoTasks('impatient'));
    const began = Date.now();
    expect(await start('impatient', {}, { prefer: 'wait=1' })).toMatchObject({ status: 202, body: { status: 'queued' } });
    expect(Date.now() - began).toBeGreaterThanOrEqual(950);
  });
});

describe('lists of runs', () => {
  let ids: string[];
  beforeAll(async () => {
    ids = [];
    for (let n = 0; n < 5; n += 1) ids.unshift(await startRun(api, 'listed', { labels: { n: String(n), 'a/b': 'x:y' } }));
    await tell(api, ids[0] ?? '', 1, 'running');
    await tell(api, ids[1] ?? '', 1, 'failed', { finishedAt: new Date().toISOString() });
  });
  const idsOf = async (query: string): Promise<string[]> => {
    const answer = await api.call('GET', `/v1/runs?pipeline=listed&${query}`);
    expect(answer.status).toBe(200);
    return (answer.body['items'] as { id: string }[]).map((item) => item.id);
  };

  test('come newest first and by pages that nothing shifts', async () => {
    const first = await api.call('GET', '/v1/runs?pipeline=listed&limit=2');
    await startRun(api, 'another');
    const second = await api.call('GET', `/v1/runs?pipeline=listed&limit=2&cursor=${String(first.body['nextCursor'])}`);
    const third = await api.call('GET', `/v1/runs?pipeline=listed&limit=2&cursor=${String(second.body['nextCursor'])}`);
    const seen = [first, second, third].flatMap((page) => (page.body['items'] as { id: string }[]).map((item) => item.id));
    expect(seen).toEqual(ids);
    expect(third.body['nextCursor']).toBeNull();
  });

  test('are filtered by one or several statuses', async () => {
    expect(await idsOf('status=failed')).toEqual([ids[1]]);
    expect(await idsOf('status=failed,running')).toEqual([ids[0], ids[1]]);
    expect(await idsOf('status=failed&status=running&limit=1')).toEqual([ids[0]]);
    expect((await api.call('GET', '/v1/runs?status=done')).status).toBe(422);
  });

  test('are filtered by labels, all of which must be there', async () => {
    expect(await idsOf('label=n:3')).toEqual([ids[1]]);
    expect(await idsOf('label=n:3&label=a/b:x:y')).toEqual([ids[1]]);
    expect(await idsOf('label=n:3&label=team:none')).toEqual([]);
  });

  test('are filtered by trigger and time', async () => {
    expect(await idsOf('trigger=api')).toHaveLength(5);
    expect(await idsOf('trigger=schedule')).toEqual([]);
    const { body } = await api.call('GET', `/v1/runs/${ids[2] ?? ''}`);
    const at = encodeURIComponent(String(body['createdAt']));
    expect(await idsOf(`after=${at}`)).toEqual(ids.slice(0, 3));
    expect(await idsOf(`before=${at}`)).toEqual(ids.slice(3));
    expect((await api.call('GET', '/v1/runs?after=yesterday')).status).toBe(422);
  });
});

describe('the tasks of a run', () => {
  let id: string;
  beforeAll(async () => {
    id = await startRun(api, 'tasks');
    await tell(api, id, 1, 'running', { tasks: [taskFact(1, 'extract', { output: { rows: 3 }, finishedAt: new Date().toISOString() })] });
    await saveLive(api.database.pool, [{ runId: id, task: 'load', instance: -1, generation: 0, attempt: 2, startedAt: new Date(), worker: 'w1', progress: { percent: 40, message: 'loading' } }]);
  });

  test('are those of the definition, in its order, pending until something is known', async () => {
    const { body } = await api.call('GET', `/v1/runs/${id}/tasks`);
    expect(body).toMatchObject({
      items: [
        { id: 'extract', instance: null, uses: 'core.log', status: 'succeeded', attempt: 1, needs: [], output: { rows: 3 }, error: null },
        { id: 'load', status: 'running', attempt: 2, needs: ['extract'], output: null, progress: { percent: 40, message: 'loading' } },
      ],
      nextCursor: null,
    });
    const fresh = await startRun(api, 'tasks');
    expect((await api.call('GET', `/v1/runs/${fresh}/tasks`)).body['items']).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
  });

  test('are filtered by status and paged', async () => {
    expect((await api.call('GET', `/v1/runs/${id}/tasks?status=running,pending`)).body['items']).toMatchObject([{ id: 'load' }]);
    const first = await api.call('GET', `/v1/runs/${id}/tasks?limit=1`);
    expect(first.body['items']).toMatchObject([{ id: 'extract' }]);
    expect((await api.call('GET', `/v1/runs/${id}/tasks?limit=1&cursor=${String(first.body['nextCursor'])}`)).body).toMatchObject({ items: [{ id: 'load' }], nextCursor: null });
  });

  test('are shown one by one with their attempts and instances', async () => {
    const { body } = await api.call('GET', `/v1/runs/${id}/tasks/load`);
    expect(body).toMatchObject({ id: 'load', status: 'running', attempts: [{ attempt: 2, generation: 0, instance: null, worker: 'w1' }], instances: { items: [], nextCursor: null } });
    expect((await api.call('GET', `/v1/runs/${id}/tasks/nope`)).status).toBe(404);
  });

  test('of a forEach show their instances by pages', async () => {
    const run = await startRun(api, 'instances');
    const instances = [0, 1, 2].map((instance) => taskFact(1, 'extract', { instance, output: instance }));
    await tell(api, run, 1, 'running', { tasks: [taskFact(1, 'extract', { output: [0, 1, 2] }), ...instances] });
    const first = await api.call('GET', `/v1/runs/${run}/tasks/extract?limit=2`);
    const page = first.body['instances'] as { items: object[]; nextCursor: string };
    expect(page.items).toMatchObject([{ instance: 0, output: 0 }, { instance: 1, output: 1 }]);
    const second = await api.call('GET', `/v1/runs/${run}/tasks/extract?limit=2&cursor=${page.nextCursor}`);
    expect(second.body['instances']).toMatchObject({ items: [{ instance: 2 }], nextCursor: null });
  });

  test('make a graph with the status of each', async () => {
    expect((await api.call('GET', `/v1/runs/${id}/graph`)).body).toEqual({
      nodes: [{ id: 'extract', uses: 'core.log', status: 'succeeded', forEach: false }, { id: 'load', uses: 'core.log', status: 'running', forEach: false }],
      edges: [{ from: 'extract', to: 'load' }],
    });
  });
});
