import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Target } from './http-target';
import { Workbench, abortAfter } from './workbench';
import { containing, lacking, matching } from './text-matchers';

let bench: Workbench;
let target: Target;
let other: Target;

const answers: Record<string, (response: ServerResponse) => void> = {
  '/json': (response) => response.setHeader('content-type', 'application/json').end('{"a":[1,null]}'),
  '/text': (response) => response.setHeader('content-type', 'text/plain').end('naïve'),
  '/latin': (response) => response.setHeader('content-type', 'text/plain; charset=ISO-8859-1').end(Buffer.from('naïve', 'latin1')),
  '/gzip': (response) => response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')),
  '/no-gzip': (response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end(),
  '/odd-encoding': (response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'constructor' }).end('as it is'),
  '/half-gzip': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}').subarray(0, 15)),
  '/image': (response) => response.setHeader('content-type', 'image/png').end(Buffer.from([0x89, 0x50, 0x4e, 0x47])),
  '/broken-json': (response) => response.setHeader('content-type', 'application/json').end('{'),
  '/missing': (response) => response.writeHead(404).end('no such thing'),
  '/busy': (response) => response.writeHead(503, { 'retry-after': '7' }).end(),
  '/cut': (response) => { response.writeHead(200, { 'content-length': '100' }).write('half'); setTimeout(() => response.destroy(), 50); },
  '/silent': () => undefined,
  '/endless': (response) => { const more = (): void => { while (response.write('x'.repeat(65_536))); response.once('drain', more); }; more(); },
  '/large': (response) => response.end('x'.repeat(1_000_000)),
  '/away': (response) => response.writeHead(307, { location: `${other.url}/json` }).end(),
  '/see': (response) => response.writeHead(303, { location: '/json' }).end(),
  '/inside': (response) => response.writeHead(302, { location: 'http://127.0.0.2:1/json' }).end(),
  '/file': (response) => response.writeHead(302, { location: 'file:///etc/hostname' }).end(),
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
};
const answer = (path: string, response: ServerResponse): void => (answers[path.split('?')[0] ?? ''] ?? answers['/text'])?.(response);

beforeAll(async () => {
  bench = await Workbench.create({ DATAMCP_OUTBOUND_ALLOW: '127.0.0.1/32' });
  [target, other] = await Promise.all([Target.listen(answer), Target.listen(answer)]);
});
afterAll(async () => { await Promise.all([bench.close(), target.close(), other.close()]); });
beforeEach(() => { target.calls.length = 0; other.calls.length = 0; });

const call = (path: string, more: Record<string, unknown> = {}, attempt = {}) => bench.run('http.request', { url: `${target.url}${path}`, ...more }, attempt);

describe('http.request', () => {
  it('gives JSON as JSON and anything else as text', async () => {
    expect((await call('/json')).output).toMatchObject({ status: 200, body: { a: [1, null] }, headers: { 'content-type': 'application/json' } });
    expect((await call('/text')).output['body']).toBe('naïve');
    expect((await call('/latin')).output['body']).toBe('naïve');
    await expect(call('/image')).rejects.toMatchObject({ code: 'output_invalid', message: containing('image/png'), retryable: false });
    await expect(call('/broken-json')).rejects.toMatchObject({ code: 'output_invalid', retryable: false });
  });

  it('reads what a server compresses unasked, and saves it as it was', async () => {
    expect((await call('/gzip')).output['body']).toEqual({ a: 1 });
    expect(await bench.read((await call('/gzip', { save: 'a.json' })).output['artifact'])).toBe('{"a":1}');
    expect((await call('/gzip', { method: 'HEAD' })).output['status']).toBe(200);
    expect((await call('/no-gzip')).output['status']).toBe(204);
    expect((await call('/odd-encoding')).output['body']).toBe('as it is');
    await expect(call('/half-gzip')).rejects.toMatchObject({ code: 'http_failed', retryable: true, message: containing('gzip') });
  });

  it('sends method, query, headers and JSON', async () => {
    await call('/text?a=1', { method: 'PUT', query: { b: 'x y', c: [1, true] }, headers: { 'X-Own': 'yes', 'X-Number': 5 }, json: { n: [1] } });
    expect(target.calls).toMatchObject([{ method: 'PUT', path: '/text?a=1&b=x+y&c=1&c=true', headers: { 'x-own': 'yes', 'x-number': '5', 'content-type': 'application/json' }, body: '{"n":[1]}' }]);
  });

  it('sends the content of an artifact, and saves the body as one', async () => {
    const bodyFrom = await bench.save('rows.csv', 'text/csv', 'a\n1\n');
    const { output } = await call('/large', { method: 'POST', bodyFrom, save: 'answer.txt' });
    expect(target.calls).toMatchObject([{ body: 'a\n1\n', headers: { 'content-type': 'text/csv' } }]);
    expect(output['artifact']).toMatchObject({ name: 'answer.txt', bytes: 1_000_000 });
    expect(await bench.read(output['artifact'])).toBe('x'.repeat(1_000_000));
  });

  it('sends the content of an artifact again where a redirect asks for it', async () => {
    const bodyFrom = await bench.save('rows.csv', 'text/csv', 'a\n1\n');
    await call('/away', { method: 'PUT', bodyFrom });
    expect([target.calls, other.calls].flat()).toMatchObject([{ method: 'PUT', body: 'a\n1\n' }, { method: 'PUT', body: 'a\n1\n', headers: { 'content-type': 'text/csv' } }]);
  });

  it('makes no call when its answer could not be saved', async () => {
    await expect(call('/text', { method: 'POST', save: '../x' })).rejects.toMatchObject({ code: 'input_invalid' });
    expect(target.calls).toEqual([]);
  });

  it('sends the same Idempotency-Key in every attempt of an unsafe method, and none otherwise', async () => {
    const task = { run: randomUUID() };
    for (const attempt of [1, 2]) await call('/text', { method: 'POST' }, { ...task, attempt });
    await call('/text');
    const keys = target.calls.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`${task.run}/task/`, `${task.run}/task/`, undefined]);
  });

  it('fails for good on a 404 and for now on a 503, whose Retry-After it passes on', async () => {
    await expect(call('/missing')).rejects.toMatchObject({ code: 'http_status', retryable: false, message: containing('404: no such thing') });
    await expect(call('/busy')).rejects.toMatchObject({ code: 'http_status', retryable: true, details: { status: 503, retryAfterMs: 7_000 } });
  });

  it('takes the statuses that are expected as success', async () => {
    expect((await call('/missing', { expect: [404] })).output).toMatchObject({ status: 404, body: 'no such thing' });
    await expect(call('/text', { expect: [201] })).rejects.toMatchObject({ code: 'http_status' });
  });

  it('retries what got no complete answer', async () => {
    await expect(call('/cut')).rejects.toMatchObject({ code: 'http_failed', retryable: true });
    await expect(bench.run('http.request', { url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'http_failed', retryable: true });
    await expect(call('/silent', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'timed_out', retryable: true });
  });

  it('refuses an answer above 64 KiB and says to save it', async () => {
    await expect(call('/endless')).rejects.toMatchObject({ code: 'output_too_large', message: containing('save') });
  });

  it.each(['/silent', '/endless'])('hangs up within a second when it is told to stop at %s', async (path) => {
    const { signal, reason } = abortAfter(300);
    const started = Date.now();
    await expect(call(path, { save: 'x.txt' }, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_300);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(target.open).toBe(0);
  });

  it('takes one kind of body only', async () => {
    await expect(call('/text', { method: 'POST', json: 1, body: 'x' })).rejects.toThrow('only one of');
  });
});

describe('the outbound guard', () => {
  it.each([
    'http://127.0.0.2/', 'http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data', 'http://[::1]/', 'http://[::ffff:127.0.0.2]/',
    'http://0.0.0.0/', 'http://2130706434/', 'http://0x7f.0.0.2/', 'http://[fd00::1]/', 'http://192.168.1.1/', 'http://100.64.0.1/', 'http://[64:ff9b::7f00:2]/',
  ])('refuses %s', async (url) => {
    await expect(bench.run('http.request', { url })).rejects.toMatchObject({ code: 'access_denied', retryable: false });
  });

  it('checks what a name resolves to when it connects', async () => {
    const strict = await Workbench.create({ DATAMCP_OUTBOUND_ALLOW: '' });
    await expect(strict.run('http.request', { url: target.url.replace('127.0.0.1', 'localhost') })).rejects.toMatchObject({ code: 'access_denied' });
    await strict.close();
    await expect(call('/json')).resolves.toBeDefined();
    await expect(bench.run('http.request', { url: `${target.url.replace('127.0.0.1', 'localhost')}/json` })).resolves.toMatchObject({ output: { status: 200 } });
  });

  it('checks every redirect', async () => {
    await expect(call('/inside')).rejects.toMatchObject({ code: 'access_denied' });
    await expect(call('/file')).rejects.toMatchObject({ code: 'input_invalid' });
    await expect(call('/loop')).rejects.toMatchObject({ code: 'http_failed', message: containing('redirected') });
  });

  it('does not take credentials across origins, and keeps method and body where the status says so', async () => {
    await call('/away', { method: 'POST', json: { a: 1 }, headers: { authorization: 'Bearer hidden', cookie: 'a=b', 'x-api-key': 'hidden' } });
    expect(target.calls[0]?.headers).toMatchObject({ authorization: 'Bearer hidden', 'x-api-key': 'hidden' });
    expect(other.calls).toMatchObject([{ method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json', 'idempotency-key': matching(/./) } }]);
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(other.calls[0]?.headers[name]).toBeUndefined();
  });

  it('keeps credentials within an origin, and asks with GET after a 303', async () => {
    await call('/see', { method: 'POST', body: 'x', headers: { authorization: 'Bearer hidden' } });
    expect(target.calls[1]).toMatchObject({ method: 'GET', path: '/json', body: '', headers: { authorization: 'Bearer hidden' } });
  });

  it('refuses credentials in the address, header injection and headers that cannot be sent', async () => {
    await expect(bench.run('http.request', { url: target.url.replace('http://', 'http://user:hidden@') }))
      .rejects.toMatchObject({ code: 'input_invalid', message: lacking('hidden') });
    await expect(call('/text', { method: 'POST', body: 'abc', headers: { 'content-length': 2 } })).rejects.toMatchObject({ code: 'input_invalid', retryable: false });
    await expect(call('/text', { method: 'POST', body: 'abc', headers: { expect: '100-continue' } })).rejects.toMatchObject({ code: 'input_invalid', retryable: false });
    await expect(call('/text', { headers: { 'x-a': 'b\r\nx-c: d' } })).rejects.toMatchObject({ code: 'input_invalid', message: containing('cannot be sent: invalid x-a header') });
    expect(target.calls).toEqual([]);
  });
});
