import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '../harness/environment';
import { secretsKey } from './approval-people';
import { twoTasks } from './run-life';
import { TestApi, type Answer } from './test-api';
import { Wire } from './wire';

let api: TestApi;
let postgres: Wire;
let temporal: Wire;
let viewer: string;

beforeAll(async () => {
  const { TEST_POSTGRES_URL, TEST_TEMPORAL_ADDRESS } = testEnvironment();
  [postgres, temporal] = await Promise.all([Wire.to(new URL(TEST_POSTGRES_URL).host), Wire.to(TEST_TEMPORAL_ADDRESS)]);
  api = await TestApi.start({ TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`, DATAMCP_SECRETS_KEY: secretsKey }, (url) => {
    const through = new URL(url);
    through.host = `127.0.0.1:${postgres.port}`;
    return through.toString();
  });
  await api.apply(twoTasks('steady'));
  viewer = await api.keyWith('viewer');
  await api.call('GET', '/v1/me', { key: viewer });
});
afterAll(async () => {
  await api.close();
  postgres.close();
  temporal.close();
});
afterEach(() => {
  postgres.mend();
  temporal.mend();
});

const start = (): Promise<Answer> => api.call('POST', '/v1/pipelines/steady/runs');
const expectUnavailable = (answer: Answer): void => {
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(answer.headers.get('retry-after')).toBe('2');
};

/** Asks until the answer is good, ten seconds at most. */
async function eventually(ask: () => Promise<Answer>, status: number): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask();
    if (answer.status === status || tries === 100) return answer;
    await sleep(100);
  }
}

describe('while Postgres cannot be reached', () => {
  test('every call says so, none says that something was accepted, and it is over when it is over', async () => {
    postgres.cut();
    for (const [method, path] of [['GET', '/v1/pipelines'], ['POST', '/v1/pipelines/steady/runs'], ['GET', '/v1/runs'], ['GET', '/v1/processors']] as const) {
      expectUnavailable(await api.call(method, path));
    }
    expectUnavailable(await api.call('PUT', '/v1/pipelines/steady', { body: twoTasks('steady') }));
    postgres.mend();
    expect((await eventually(start, 202)).status).toBe(202);
  });

  test('readiness and health say which component it is, the latter to keys that were good a moment ago', async () => {
    postgres.cut();
    expect(await api.call('GET', '/livez', { key: null })).toMatchObject({ status: 200 });
    expect(await api.call('GET', '/readyz', { key: null })).toMatchObject({ status: 503, body: { status: 'not ready', components: { postgres: 'unhealthy', temporal: 'healthy' } } });
    expect(await api.call('GET', '/health', { key: viewer })).toMatchObject({ status: 503, body: { status: 'unhealthy', components: { postgres: { status: 'unhealthy', detail: expect.any(String) } } } });
    expect((await api.call('GET', '/metrics', { key: viewer })).status).toBe(200);
    expectUnavailable(await api.call('GET', '/v1/me', { key: 'dmcp_never-seen-before' }));
    postgres.mend();
    expect((await eventually(() => api.call('GET', '/readyz', { key: null }), 200)).status).toBe(200);
  });
});

describe('while Temporal cannot be reached', () => {
  test('runs and approvals are accepted all the same, and what needs their workflow says that it cannot be reached', async () => {
    const { body } = await start();
    const running = `/v1/runs/${String(body['id'])}`;
    await api.database.pool.query("update runs set status = 'running' where id = $1", [body['id']]);
    temporal.cut();
    const accepted = await start();
    expect(accepted).toMatchObject({ status: 202, body: { status: 'queued' } });
    const asked = await api.call('POST', '/v1/approvals', { body: { title: 'Later', policy: { approvers: { users: ['admin'] }, requesterMayDecide: true } } });
    expect(asked).toMatchObject({ status: 201, body: { status: 'open' } });
    const refused = await Promise.all([
      api.call('POST', `/v1/approvals/${String(asked.body['id'])}/decisions`, { body: { decision: 'approve' } }),
      ...['pause', 'cancel', 'tasks/load/retry', 'tasks/load/cancel'].map((action) => api.call('POST', `${running}/${action}`)),
      api.call('GET', '/v1/queues'),
    ]);
    refused.forEach(expectUnavailable);
    expect(await api.call('GET', '/readyz', { key: null })).toMatchObject({ status: 200, body: { components: { temporal: 'degraded' } } });
    expect(await api.call('GET', '/health')).toMatchObject({ status: 200, body: { status: 'degraded', components: { temporal: { status: 'degraded' }, workers: { status: 'degraded' } } } });
    expect(await api.call('POST', '/v1/runs/actions', { body: { action: 'pause', filter: { status: ['running'] } } }))
      .toMatchObject({ status: 200, body: { matched: 1, results: [{ outcome: 'refused', detail: expect.stringContaining('Temporal') }] } });
  });

  test('a cancel of a run that has not started is kept with it', async () => {
    temporal.cut();
    const { body } = await start();
    expect((await api.call('POST', `/v1/runs/${String(body['id'])}/cancel`, { body: { reason: 'never mind' } })).status).toBe(202);
    const { rows } = await api.database.pool.query('select cancel_requested as asked from runs where id = $1', [body['id']]);
    expect(rows).toEqual([{ asked: { reason: 'never mind', force: false, by: 'admin' } }]);
  });
});
