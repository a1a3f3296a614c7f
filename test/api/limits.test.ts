import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { problemOf } from './problem';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({
    DATAMCP_RATE_LIMIT_PER_MINUTE: '5', DATAMCP_FAILED_AUTH_PER_MINUTE: '3', DATAMCP_TRUSTED_PROXIES: '127.0.0.1',
    DATAMCP_API_HEADERS_TIMEOUT_MS: '200', DATAMCP_API_REQUEST_TIMEOUT_MS: '400',
  });
});
afterAll(() => api.close());

/** A request as the proxy in front of the API passes it on. */
const from = (address: string, key: string | null) => api.call('GET', '/v1/me', { key, headers: { 'x-forwarded-for': address } });
const expectRefusal = (answer: Awaited<ReturnType<typeof from>>) => {
  expect(problemOf(answer)).toMatchObject({ status: 429, code: 'rate_limited' });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
};

test('a key that asks too often is told when to come back, and no other key with it', async () => {
  const [busy, calm] = [await api.keyWith('viewer'), await api.keyWith('operator')];
  for (let left = 4; left >= 0; left -= 1) {
    const answer = await from('10.0.0.1', busy);
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(`^limit=5, remaining=${left}, reset=\\d+$`)]);
  }
  expectRefusal(await from('10.0.0.2', busy));
  expect((await from('10.0.0.1', calm)).status).toBe(200);
});

test('an address that tries keys is stopped; other addresses, and keys that were good a moment ago, are not', async () => {
  const [known, unknown] = [await api.keyWith('viewer'), await api.keyWith('author')];
  expect((await from('10.0.0.3', known)).status).toBe(200);
  for (let tries = 0; tries < 3; tries += 1) expect((await from('10.0.0.3', tries === 0 ? null : 'dmcp_wrong')).status).toBe(401);
  expectRefusal(await from('10.0.0.3', 'dmcp_wrong'));
  expectRefusal(await from('10.0.0.3', unknown));
  expect((await from('10.0.0.3', known)).status).toBe(200);
  expect((await from('10.0.0.4', unknown)).status).toBe(200);
});

test('good requests do not count as failed ones', async () => {
  for (let count = 0; count < 5; count += 1) expect((await from('10.0.0.5', await api.keyWith('viewer'))).status).toBe(200);
});

test('the log has the address that a trusted proxy tells', async () => {
  expect(await api.loggedOf(() => from('10.0.0.6', null))).toMatchObject({ status: 401, address: '10.0.0.6' });
});

test('probes are open, and not limited', async () => {
  for (let count = 0; count < 10; count += 1) expect((await api.call('GET', '/livez', { key: null })).status).toBe(200);
});

describe('a client that sends slowly on purpose', () => {
  /** Everything that comes back on a connection that sends no more than this. */
  async function answerTo(beginning: string): Promise<string> {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(beginning);
    return text(socket);
  }

  test.each([
    ['the head', 'GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['the body', 'POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{'],
  ])('is told so and cut off while it sends %s', async (_, beginning) => {
    const [head = '', body = ''] = (await answerTo(beginning.replace('\r\n\r\n', `\r\nAuthorization: Bearer ${api.adminKey}\r\n\r\n`))).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(head).toMatch(/connection: close/i);
    expect(JSON.parse(body)).toMatchObject({ status: 408, code: 'request.timeout', requestId: expect.any(String) });
  });

  test.each([['no HTTP', 'nonsense\r\n\r\n', 400], ['a head of megabytes', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431]])(
    'what is %s gets a problem, too', async (_, request, status) => {
      const [, body = ''] = (await answerTo(request)).split('\r\n\r\n');
      expect(JSON.parse(body)).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
    });
});
