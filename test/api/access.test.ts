import { routes } from '../../api/routes';
import { mayUse, roles } from '../../api/roles';
import { problemOf } from './problem';
import { pathOf } from './route-samples';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start(); });
afterAll(() => api.close());

const table = routes.map((route) => ({ ...route, method: route.method.toUpperCase(), url: pathOf(route.path) }));

describe('without a valid key', () => {
  test.each(table.map(({ method, url }) => [method, url]))('%s %s is refused when there is no key', async (method, url) => {
    const answer = await api.call(method, url, { key: null });
    expect(problemOf(answer)).toMatchObject({ code: 'auth.required', status: 401 });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(table.map(({ method, url }) => [method, url]))('%s %s is refused with a wrong key', async (method, url) => {
    expect(problemOf(await api.call(method, url, { key: `${api.adminKey}x` }))).toMatchObject({ status: 401, code: 'auth.required' });
  });

  test.each(['/', '/docs', '/openapi.json', '/v1', '/v1/nope', '/health', '/metrics', '/v1/me/', '//v1/me', '/livez/../v1/me', '/v1/runs;/livez', '/v1/me/livez'])(
    'nothing is told of %s', async (path) => {
      expect((await api.call('GET', path, { key: null })).status).toBe(401);
    });

  test.each(['/livez', '/readyz'])('%s answers, and tells nothing but up or down', async (path) => {
    const answer = await api.call('GET', path, { key: null });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(path === '/livez' ? ['status'] : ['status', 'components']);
  });

  test('the hooks of approvals ask for a signature: a key opens nothing there, and only POST is one', async () => {
    expect((await api.call('POST', '/v1/hooks/approvals/nope', { body: {} })).status).toBe(404);
    expect((await api.call('GET', '/v1/hooks/approvals/nope', { key: null })).status).toBe(401);
    const other = await api.call('GET', '/v1/hooks/approvals/nope');
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a key in the address is not looked at', async () => {
    expect((await api.call('GET', `/v1/me?key=${api.adminKey}`, { key: null })).status).toBe(401);
  });
});

describe('with a key that has not the role', () => {
  const refused = table.flatMap(({ method, url, access }) =>
    roles.filter((role) => !mayUse([role], access)).map((role) => [role, method, url] as const));

  test.each(refused)('%s may not %s %s', async (role, method, url) => {
    expect(problemOf(await api.call(method, url, { key: await api.keyWith(role) }))).toMatchObject({ status: 403, code: 'auth.forbidden' });
  });

  test('roles of one\'s own open nothing', async () => {
    const key = await api.keyWith('data-owner');
    expect((await api.call('GET', '/v1/pipelines', { key })).status).toBe(403);
    expect((await api.call('GET', '/v1/me', { key })).status).toBe(200);
  });
});

describe('with a key that has the role', () => {
  const allowed = table.flatMap(({ method, url, access }) =>
    roles.filter((role) => mayUse([role], access)).map((role) => [role, method, url] as const));

  test.each(allowed)('%s gets past the door of %s %s', async (role, method, url) => {
    const answer = await api.call(method, url, { key: await api.keyWith(role) });
    expect([401, 403]).not.toContain(answer.status);
    expect(answer.status).toBeLessThan(500);
  });
});

describe('the docs', () => {
  const basic = (key: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`me:${key}`).toString('base64')}` });

  test('a browser is asked for the key as a password, and then sees them', async () => {
    const asked = await api.call('GET', '/docs', { key: null, headers: { accept: 'text/html' } });
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="datamcp", charset="UTF-8"']);
    const shown = await api.call('GET', '/docs', { key: null, headers: basic(api.adminKey) });
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('swagger-ui');
    for (const [, asset] of shown.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const { pathname } = new URL(asset ?? '', `${api.url}/docs`);
      expect(asset).not.toMatch(/^\//);
      expect((await api.fetch('GET', pathname, { key: null, headers: basic(api.adminKey) })).status).toBe(200);
    }
  });

  test('show this API, not somebody\'s demo', async () => {
    const initializer = await api.call('GET', '/docs/swagger-initializer.js');
    expect(initializer.text).toContain("fetch('openapi.json')");
    const elsewhere = await api.fetch('GET', '/docs/');
    expect(elsewhere.url).toBe(`${api.url}/docs`);
    expect((await api.call('GET', '/openapi.json')).body).toMatchObject({ openapi: '3.1.0', info: { title: 'DataMCP Orchestrator' } });
  });

  test('Basic credentials never change anything, because browsers send them by themselves', async () => {
    const answer = await api.call('POST', '/v1/runs/01920000-0000-7000-8000-000000000000/cancel', { key: null, headers: basic(api.adminKey) });
    expect(answer.status).toBe(401);
  });
});

describe('every answer', () => {
  test('has the headers that keep browsers from doing harm, and does not name the framework', async () => {
    const { headers } = await api.call('GET', '/v1/me');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['/v1/me', '/v1/runs', '/v1/nope', '/health', '/livez'])('is for who asked, and kept nowhere: %s', async (path) => {
    expect((await api.call('GET', path)).headers.get('cache-control')).toBe('no-store');
  });

  test('may be kept by the browser when it describes the API, and is asked for by its tag again', async () => {
    const described = await api.call('GET', '/openapi.json');
    const asset = await api.call('GET', '/docs/swagger-ui.css');
    for (const { headers } of [described, asset]) expect(headers.get('cache-control')).toBe('private, no-cache');
    for (const [path, { headers }] of [['/openapi.json', described], ['/docs/swagger-ui.css', asset]] as const) {
      const again = await api.fetch('GET', path, { headers: { 'if-none-match': headers.get('etag') ?? '', 'cache-control': 'max-age=0' } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await api.call('GET', '/docs/nothing.css')).headers.get('cache-control')).toBe('no-store');
  });

  test('does not tell browsers to keep to HTTPS where there is none', async () => {
    expect((await api.call('GET', '/v1/me')).headers.get('strict-transport-security')).toBeNull();
  });

  test('is logged with the address of the connection: what a client writes about itself is not believed', async () => {
    const logged = await api.loggedOf(() => api.call('GET', '/v1/me', { key: null, headers: { 'x-forwarded-for': '10.9.8.7' } }));
    expect(logged).toMatchObject({ status: 401, address: '127.0.0.1' });
  });

  test('carries the request id that came, or a new one when it is none', async () => {
    expect((await api.call('GET', '/v1/me', { headers: { 'x-request-id': 'abc-1' } })).headers.get('x-request-id')).toBe('abc-1');
    const made = await api.call('GET', '/v1/nope', { headers: { 'x-request-id': 'a b<c>' } });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.body['requestId']).toBe(made.headers.get('x-request-id'));
  });

  test('says which methods there are where the one is not', async () => {
    const answer = await api.call('PUT', '/v1/keys');
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe('POST, GET');
  });

  test.each(['/v1/runs/not-an-id', '/v1/runs/%00', '/v1/pipelines/UPPER', '/v1/nope', '/v1/artifacts/..%2f..%2fetc'])('is 404 for %s', async (path) => {
    expect(await api.call('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('is 400 for a path that is not text', async () => {
    expect(await api.call('GET', '/v1/pipelines/%ff%zz')).toMatchObject({ status: 400, body: { code: 'request.malformed' } });
  });
});
