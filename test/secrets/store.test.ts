import { randomBytes } from 'node:crypto';
import { KeyRing } from '../../platform/encryption';
import { putSecret, requireSecretKeys, storedSecrets } from '../../db/secrets';
import { transaction } from '../../platform/postgres';
import { problemOf } from '../api/problem';
import { TestApi } from '../api/test-api';

const key = () => randomBytes(32).toString('base64');
const [older, newer] = [key(), key()];
const value = 'planted-value "of" a secret';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start({ DATAMCP_SECRETS_KEY: newer }); });
afterAll(() => api.close());

const ring = (...keys: string[]): KeyRing => new KeyRing('secret', keys.map((text) => Buffer.from(text, 'base64')));
const put = (name: string, body: unknown = { value }, key?: string) => api.call('PUT', `/v1/secrets/${name}`, { body, ...(key && { key }) });
const read = async (name: string, keys = ring(newer)) => (await storedSecrets(api.database.pool, keys).find([name])).get(name);

/** As if the API had been started with these keys. */
async function withKeys<T>(keys: string[], work: () => Promise<T>): Promise<T> {
  const before = api.deps.config.DATAMCP_SECRETS_KEY;
  api.deps.config.DATAMCP_SECRETS_KEY = keys.map((text) => Buffer.from(text, 'base64'));
  return work().finally(() => { api.deps.config.DATAMCP_SECRETS_KEY = before; });
}

const sealedBefore = (name: string, keys: KeyRing) => transaction(api.database.pool, (client) => putSecret(client, keys, { name, value, by: 'test' }));

describe('secrets over the API', () => {
  test('are set, counted by version, listed and deleted, and no answer ever holds the value', async () => {
    const answers = [await put('TOKEN'), await put('TOKEN', { value: `${value} again` }), await api.call('GET', '/v1/secrets/TOKEN'), await api.call('GET', '/v1/secrets')];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    expect(answers[2]?.body).toMatchObject({ name: 'TOKEN', version: 2, createdBy: 'admin', usedAt: null });
    expect(await read('TOKEN')).toBe(`${value} again`);
    answers.push(await api.call('DELETE', '/v1/secrets/TOKEN'), await api.call('GET', '/v1/secrets/TOKEN'));
    expect(answers.slice(4).map(({ status }) => status)).toEqual([200, 404]);
    expect(JSON.stringify(answers)).not.toContain('planted');
  });

  test.each([
    ['a lower-case name', 'token', { value }, '/name'],
    ['a value too short to mask', 'SHORT', { value: 'abc' }, '/value'],
    ['few characters that take two places each', 'WIDE', { value: '𝒮𝑒𝒸𝓇𝑒𝓉𝓈' }, '/value'],
    ['blanks', 'BLANK', { value: ' '.repeat(20) }, '/value'],
    ['a value that is no text', 'NUMBER', { value: 12345678 }, '/value'],
    ['another field', 'MORE', { value, note: 'x' }, '/note'],
  ])('%s is refused, with its place', async (_what, name, body, path) => {
    expect(problemOf(await put(name, body))).toMatchObject({ status: 422, code: 'request.invalid', errors: [{ path }] });
  });

  test('take no name from the call that rotates them', async () => {
    const answer = await put('rotate');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('are set by an admin alone; an author sees their names', async () => {
    await put('SEEN');
    const author = await api.keyWith('author');
    expect((await put('SEEN', { value }, author)).status).toBe(403);
    expect((await api.call('DELETE', '/v1/secrets/SEEN', { key: author })).status).toBe(403);
    expect((await api.call('GET', '/v1/secrets/SEEN', { key: author })).status).toBe(200);
    expect((await api.call('GET', '/v1/secrets', { key: await api.keyWith('viewer') })).status).toBe(403);
  });

  test('leave who, what and when in the audit, and in no table the value', async () => {
    await put('AUDITED');
    const { rows } = await api.database.pool.query<object>("select actor, action, target, data from audit where target = 'secret/AUDITED'");
    expect(rows).toEqual([{ actor: 'admin', action: 'secret.set', target: 'secret/AUDITED', data: { version: 1, keyId: ring(newer).currentId } }]);
    const { rows: [dump] } = await api.database.pool.query<{ text: string }>("select (select string_agg(to_jsonb(a)::text, '') from audit a) || (select string_agg(to_jsonb(s)::text, '') from secrets s) as text");
    expect(dump?.text).not.toMatch(/planted|706c616e746564/);
  });

  test('set at once by many get a version each', async () => {
    const versions = (await Promise.all(Array.from({ length: 8 }, () => put('RACED')))).map(({ body }) => body['version']);
    expect(versions.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('do not open in another row', async () => {
    await put('FIRST');
    await put('SECOND', { value: 'another planted value' });
    await api.database.pool.query("update secrets set sealed = (select sealed from secrets where name = 'FIRST') where name = 'SECOND'");
    await expect(read('SECOND')).rejects.toMatchObject({ code: 'decryption_failed' });
    await api.call('DELETE', '/v1/secrets/SECOND');
  });
});

describe('a new key', () => {
  test('takes over all that the older one encrypted, in one call; before that, health tells of a missing key', async () => {
    for (let number = 0; number < 120; number += 1) await sealedBefore(`OLD_${number}`, ring(older));
    const health = await api.call('GET', '/health');
    expect(health.body).toMatchObject({ components: { secrets: { status: 'degraded', detail: expect.stringContaining(`${ring(older).currentId ?? ''} (120 secrets)`) } } });

    const without = await api.call('POST', '/v1/secrets/rotate');
    expect(without.body).toMatchObject({ encrypted: 0, left: [{ keyId: ring(older).currentId, secrets: 120, keyMissing: true }] });

    const rotated = await withKeys([newer, older], () => api.call('POST', '/v1/secrets/rotate'));
    expect(rotated.body).toEqual({ keyId: ring(newer).currentId, encrypted: 120, left: [] });
    expect(await read('OLD_7', ring(newer))).toBe(value);
    expect((await api.call('GET', '/health')).body).toMatchObject({ components: { secrets: { status: 'healthy', detail: null } } });
  });

  test('is asked for in production, where nothing starts that could not read a secret', async () => {
    await put('NEEDED');
    const [needed, other] = [Buffer.from(newer, 'base64'), randomBytes(32)];
    await expect(requireSecretKeys({ DATAMCP_ENV: 'production', DATAMCP_SECRETS_KEY: [] }, api.database.pool)).rejects.toMatchObject({ code: 'key_missing', message: expect.stringContaining('DATAMCP_SECRETS_KEY') });
    await expect(requireSecretKeys({ DATAMCP_ENV: 'production', DATAMCP_SECRETS_KEY: [other] }, api.database.pool)).rejects.toMatchObject({ code: 'key_missing' });
    await requireSecretKeys({ DATAMCP_ENV: 'production', DATAMCP_SECRETS_KEY: [other, needed] }, api.database.pool);
    await requireSecretKeys({ DATAMCP_ENV: 'development', DATAMCP_SECRETS_KEY: [] }, api.database.pool);
  });
});

describe('a named connection', () => {
  const settings = (change: object = {}) => {
    const { hostname, port, username, pathname } = new URL(api.database.url);
    return { kind: 'postgres', host: hostname, port: Number(port), database: pathname.slice(1), user: username, password: { secret: 'WAREHOUSE_PASSWORD' }, tls: 'off', ...change };
  };
  const setUp = (name: string, change?: object) => api.call('PUT', `/v1/connections/${name}`, { body: settings(change) });
  const tried = async (name: string) => (await api.call('POST', `/v1/connections/${name}/test`)).body;
  const password = () => decodeURIComponent(new URL(api.database.url).password);

  test('is made, shown with its secret by name, tried and deleted', async () => {
    expect((await setUp('warehouse')).status).toBe(201);
    expect(await tried('warehouse')).toMatchObject({ ok: false, error: { code: 'secret_missing', message: expect.stringContaining('connection "warehouse": There is no secret WAREHOUSE_PASSWORD'), retryable: false } });
    await put('WAREHOUSE_PASSWORD', { value: password() });
    expect(await tried('warehouse')).toMatchObject({ ok: true, error: null });
    const shown = await api.call('GET', '/v1/connections/warehouse');
    expect(shown.body).toMatchObject({ name: 'warehouse', settings: { password: { secret: 'WAREHOUSE_PASSWORD' }, tls: 'off' } });
    expect(shown.text).not.toContain(password());
    expect((await api.call('GET', '/v1/connections')).body).toMatchObject({ items: [{ name: 'warehouse' }] });
    expect((await setUp('warehouse')).status).toBe(200);
    expect((await api.call('DELETE', '/v1/connections/warehouse')).status).toBe(200);
    expect((await api.call('POST', '/v1/connections/warehouse/test')).status).toBe(404);
  });

  test.each([
    ['down', { port: 1 }, true, 'connection "broken" cannot be reached: ECONNREFUSED'],
    ['without its database', { database: 'not_there' }, false, 'connection "broken" is refused'],
    ['without TLS that is asked for', { tls: 'verify' }, false, 'connection "broken" is refused: The server does not support SSL'],
    ['refused its password', { password: { secret: 'WRONG_PASSWORD' } }, false, 'connection "broken" is refused'],
  ])('that is %s says so, with its name and without its password', async (_what, change, retryable, message) => {
    await put('WAREHOUSE_PASSWORD', { value: password() });
    await put('WRONG_PASSWORD', { value: 'wrong-planted-password' });
    await setUp('broken', change);
    const result = await tried('broken');
    expect(result).toMatchObject({ ok: false, error: { code: 'connection_failed', retryable, message: expect.stringContaining(message) } });
    expect(JSON.stringify(result)).not.toMatch(new RegExp(`planted|${password()}`));
  });

  test.each([
    ['a password in the clear', { password: 'in-the-clear' }, '/password'],
    ['an address with credentials', { host: 'user:pass@host' }, '/host'],
    ['another kind', { kind: 'oracle' }, '/kind'],
  ])('%s is refused', async (_what, change, path) => {
    expect(problemOf(await setUp('bad', change))).toMatchObject({ status: 422, errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });
});

test('without a key a secret is refused, and nothing is kept of it', async () => {
  const refused = await withKeys([], () => put('KEYLESS'));
  expect(problemOf(refused)).toMatchObject({ status: 422, code: 'key_missing', detail: expect.stringContaining('DATAMCP_SECRETS_KEY') });
  expect((await api.call('GET', '/v1/secrets/KEYLESS')).status).toBe(404);
});

test('without a key nobody is asked for a decision that nobody could make', async () => {
  const ask = { title: 'Publish?', policy: { approvers: { users: ['admin'] }, requesterMayDecide: true } };
  const refused = await withKeys([], () => api.call('POST', '/v1/approvals', { body: ask }));
  expect(problemOf(refused)).toMatchObject({ status: 422, code: 'key_missing', detail: expect.stringContaining('DATAMCP_SECRETS_KEY') });
  expect((await api.call('GET', '/v1/approvals')).body).toMatchObject({ items: [] });
});
