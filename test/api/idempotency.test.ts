import { setTimeout as sleep } from 'node:timers/promises';
import { forgetOldRequests } from '../../db/idempotency';
import { transaction } from '../../platform/postgres';
import { twoTasks } from './run-life';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.apply(twoTasks('once'));
});
afterAll(() => api.close());

const start = (key: string, body: object = {}, as?: string) =>
  api.call('POST', '/v1/pipelines/once/runs', { body, headers: { 'idempotency-key': key }, ...(as && { key: as }) });
const count = async (): Promise<number> =>
  (await api.database.pool.query<{ n: number }>("select count(*)::int as n from runs where pipeline = 'once'")).rows[0]?.n ?? -1;

describe('the same Idempotency-Key', () => {
  test('with the same body gives the same answer, marked, and does nothing again', async () => {
    const first = await start('k1');
    const before = await count();
    const again = await start('k1');
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await count()).toBe(before);
  });

  test('is the same on every spelling of its path', async () => {
    const first = await start('k5-spelt');
    const spelt = first.body['pipeline'] as string;
    for (const path of [`${spelt}/runs/`, `%${spelt.charCodeAt(0).toString(16)}${spelt.slice(1)}/runs`]) {
      expect((await api.call('POST', `/v1/pipelines/${path}`, { body: {}, headers: { 'idempotency-key': 'k5-spelt' } })).body).toEqual(first.body);
    }
  });

  test('with another body is refused', async () => {
    await start('k2');
    expect(await start('k2', { priority: 1 })).toMatchObject({ status: 422, body: { code: 'idempotency.mismatch' } });
  });

  test('of another caller, or for another pipeline, is another request', async () => {
    const first = await start('k3');
    const other = await start('k3', {}, await api.keyWith('trigger'));
    expect(other.body['id']).not.toBe(first.body['id']);
    await api.apply(twoTasks('elsewhere'));
    const elsewhere = await api.call('POST', '/v1/pipelines/elsewhere/runs', { headers: { 'idempotency-key': 'k3' } });
    expect(elsewhere).toMatchObject({ status: 202, body: { pipeline: 'elsewhere' } });
  });

  test('ten times at once starts one run and gives ten equal answers', async () => {
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 10 }, () => start('k4')));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 202));
    expect(await count()).toBe(before + 1);
  });

  test('while the first one takes longer than two seconds is refused for now', async () => {
    const began = Date.now();
    let answer: Awaited<ReturnType<typeof start>> | undefined;
    await transaction(api.database.pool, async (client) => {
      await client.query(`insert into idempotency_keys (caller, route, key, request_hash, status, headers, body)
        values ('service/admin', 'POST /v1/pipelines/once/runs', 'k5', 'x', 202, '{}', '{}')`);
      answer = await start('k5');
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency.in_flight' } });
    expect(answer?.headers.get('retry-after')).toBe('2');
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_900);
  });

  test('may be used again when the first request failed, because it left nothing', async () => {
    expect((await start('k6', { inputs: { month: 'May' } })).status).toBe(422);
    expect((await start('k6', {})).status).toBe(202);
  });

  test('is forgotten after seven days', async () => {
    const first = await start('k7');
    const age = (days: number) => api.database.pool.query("update idempotency_keys set created_at = now() - make_interval(days => $1) where key = 'k7'", [days]);
    await age(6);
    expect((await start('k7')).body['id']).toBe(first.body['id']);
    await age(8);
    const second = await start('k7', { priority: 2 });
    expect(second).toMatchObject({ status: 202, body: { priority: 2 } });
    await age(8);
    expect(await forgetOldRequests(api.database.pool)).toBe(1);
  });

  test('that is no key is refused', async () => {
    expect(await start('with blank')).toMatchObject({ status: 422, body: { errors: [{ path: '/Idempotency-Key' }] } });
  });
});

describe('keys', () => {
  const newKey = { subject: { type: 'service', name: 'ci-deploy' }, roles: ['trigger', 'data-owner'], groups: ['ops'] };
  const create = (body: object, headers: Record<string, string> = {}) => api.call('POST', '/v1/keys', { body, headers });

  test('are shown once, act as their subject, and only their hash is stored', async () => {
    const made = await create(newKey);
    expect(made).toMatchObject({ status: 201, body: { subject: { ...newKey.subject, email: null }, roles: newKey.roles, createdBy: 'admin', revokedAt: null } });
    const key = String(made.body['key']);
    expect(key).toMatch(/^dmcp_[\w-]{43}$/);
    expect((await api.call('GET', '/v1/me', { key })).body).toEqual({ keyId: made.body['id'], subject: { ...newKey.subject, email: null }, roles: newKey.roles, groups: ['ops'], expiresAt: null });
    expect((await api.call('POST', '/v1/pipelines/once/runs', { key })).body).toMatchObject({ requestedBy: 'ci-deploy' });
    expect((await api.call('GET', made.headers.get('location') ?? '')).text).not.toContain(key);
    const dump = await api.database.pool.query<{ text: string }>(
      `select (select json_agg(k)::text from keys k) || (select json_agg(i)::text from idempotency_keys i) || (select json_agg(a)::text from audit a) as text`);
    expect(dump.rows[0]?.text).not.toContain(key.slice(12));
  });

  test('made twice under one Idempotency-Key are one key, told twice', async () => {
    const [first, again] = [await create(newKey, { 'idempotency-key': 'mk' }), await create(newKey, { 'idempotency-key': 'mk' })];
    expect(again.body).toEqual(first.body);
    const { rows } = await api.database.pool.query("select body::text as text from idempotency_keys where key = 'mk'");
    expect(JSON.stringify(rows)).not.toContain(String(first.body['key']).slice(12));
    const other = await create({ ...newKey, groups: [] }, { 'idempotency-key': 'mk2' });
    expect(other.body['key']).not.toBe(first.body['key']);
  });

  test('stop working the moment they are revoked or expire', async () => {
    const revoked = await create(newKey);
    const key = String(revoked.body['key']);
    expect(await api.call('DELETE', `/v1/keys/${String(revoked.body['id'])}`)).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    expect((await api.call('GET', '/v1/me', { key })).status).toBe(401);
    const brief = await create({ ...newKey, expiresAt: new Date(Date.now() + 700).toISOString() });
    expect((await api.call('GET', '/v1/me', { key: String(brief.body['key']) })).status).toBe(200);
    await sleep(800);
    expect((await api.call('GET', '/v1/me', { key: String(brief.body['key']) })).status).toBe(401);
  });

  test('that make no sense are refused with everything that is wrong', async () => {
    const answer = await create({ subject: { type: 'robot', name: '' }, roles: ['Bad Role'], expires: 'never' });
    expect(answer.status).toBe(422);
    expect((answer.body['errors'] as { path: string }[]).map((error) => error.path).sort()).toEqual(['/expires', '/roles/0', '/subject/name', '/subject/type']);
    expect(await create({ ...newKey, expiresAt: '2001-01-01T00:00:00Z' })).toMatchObject({ status: 422, body: { errors: [{ path: '/expiresAt' }] } });
  });

  test('are listed by pages', async () => {
    const first = await api.call('GET', '/v1/keys?limit=1');
    const second = await api.call('GET', `/v1/keys?limit=1&cursor=${String(first.body['nextCursor'])}`);
    expect((first.body['items'] as { id: string }[])[0]?.id).not.toBe((second.body['items'] as { id: string }[])[0]?.id);
  });
});
