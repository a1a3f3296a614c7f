import { problemOf } from './problem';
import { TestApi } from './test-api';

interface Entry {
  at: string;
  action: string;
  target: string;
}

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ DATAMCP_TRUSTED_PROXIES: '127.0.0.1' });
  await api.apply('name: first\ntasks:\n  - { id: only, uses: core.noop }\n');
  await api.call('POST', '/v1/pipelines/first/runs', { body: {}, key: await api.keyWith('trigger'), headers: { 'x-forwarded-for': '192.0.2.7', 'x-request-id': 'audited-1' } });
  await api.call('DELETE', '/v1/pipelines/first');
});
afterAll(() => api.close());

const audit = async (query = '') => (await api.call('GET', `/v1/audit${query}`)).body as { items: Entry[]; nextCursor: string | null };
const actions = async (query = '') => (await audit(query)).items.map(({ action }) => action);

describe('the audit', () => {
  test('tells who did what to what, when, with which key, from where and under which request, newest first', async () => {
    const { items } = await audit();
    expect(items.map(({ action, target }) => [action, target])).toEqual([
      ['pipeline.archive', 'pipeline/first'], ['run.start', expect.stringMatching(/^run\/[0-9a-f-]{36}$/)], ['pipeline.apply', 'pipeline/first'],
    ]);
    const keys = await api.call('GET', '/v1/keys');
    const { id: keyId } = (keys.body as { items: { id: string; subject: { name: string } }[] }).items.find(({ subject }) => subject.name === 'with-trigger') ?? {};
    expect(items[1]).toMatchObject({
      id: expect.any(Number), at: expect.stringMatching(/Z$/), actor: 'with-trigger', keyId, address: '192.0.2.7', requestId: 'audited-1', data: { pipeline: 'first', version: 1 },
    });
  });

  test('can be asked for one thing, one kind, one person, one time, and by pages', async () => {
    expect(await actions('?target=pipeline/first')).toEqual(['pipeline.archive', 'pipeline.apply']);
    expect(await actions('?action=run.start&actor=with-trigger')).toEqual(['run.start']);
    expect(await actions('?actor=nobody')).toEqual([]);
    const [last, middle] = (await audit()).items;
    expect(await actions(`?after=${middle?.at ?? ''}&before=${last?.at ?? ''}`)).toEqual(['run.start']);
    expect(await actions('?after=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await actions('?before=2999-01-01T00:00:00Z')).toHaveLength(3);
    const page = await audit('?limit=2');
    expect(page.items).toHaveLength(2);
    expect(await actions(`?limit=2&cursor=${page.nextCursor ?? ''}`)).toEqual(['pipeline.apply']);
  });

  test('shows what was recorded before addresses and keys were kept', async () => {
    await api.database.pool.query("insert into audit (actor, action, target) values ('past', 'run.start', 'run/past')");
    expect((await audit('?actor=past')).items).toMatchObject([{ keyId: null, address: null, requestId: null, data: {} }]);
  });

  test('is for operators and admins, and is not written over the API', async () => {
    expect((await api.call('GET', '/v1/audit', { key: await api.keyWith('operator') })).status).toBe(200);
    expect(problemOf(await api.call('GET', '/v1/audit', { key: await api.keyWith('viewer', 'author') })).status).toBe(403);
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await api.call(method, '/v1/audit')).status).toBe(405);
  });
});
