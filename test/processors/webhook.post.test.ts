import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { testEnvironment } from '../harness/environment';
import { Target, type Call } from './http-target';
import { Workbench, abortAfter } from './workbench';
import { containing, lacking } from './text-matchers';

type Verify = (headers: Call['headers'], body: string, secret: string) => string | null;

/** The recipe for receivers, as the documentation has it. */
function documentedRecipe(): Verify {
  const recipe = /```js\n([^]*?)```/.exec(readFileSync(join(__dirname, '../../docs/processors.md'), 'utf8'))?.[1] ?? '';
  const file = join(testEnvironment().TEST_DIR, 'verify-delivery.cjs');
  writeFileSync(file, `${recipe}\nmodule.exports = verifyDelivery;\n`);
  return createRequire(__filename)(file) as Verify;
}
const verify = documentedRecipe();

const secrets = { HOOK: 'a secret that both sides know', CODED: `whsec_${Buffer.from('coded').toString('base64')}` };

let bench: Workbench;
let target: Target;
const answers: Record<string, (response: ServerResponse) => void> = {
  '/busy': (response) => response.writeHead(429, { 'retry-after': '3' }).end(),
  '/broken': (response) => response.writeHead(500).end(),
  '/gone': (response) => response.writeHead(410).end('no longer'),
  '/moved': (response) => response.writeHead(307, { location: '/taken' }).end(),
  '/silent': () => undefined,
};

beforeAll(async () => {
  bench = await Workbench.create({ DATAMCP_SECRET_HOOK: secrets.HOOK, DATAMCP_SECRET_CODED: secrets.CODED });
  target = await Target.listen((path, response) => (answers[path] ?? ((taken) => taken.writeHead(202).end('thanks')))(response));
});
afterAll(async () => { await Promise.all([bench.close(), target.close()]); });
beforeEach(() => { target.calls.length = 0; });

const post = (path: string, more: object = {}, attempt: object = {}) =>
  bench.run('webhook.post', { url: `${target.url}${path}`, json: { event: 'naïve' }, secret: 'HOOK', ...more }, attempt);
const delivered = (): Call => target.calls[0] ?? { method: '', path: '', headers: {}, body: '' };

describe('webhook.post', () => {
  it.each(['HOOK', 'CODED'] as const)('signs what it posts, so that the recipe of the documentation takes it (secret %s)', async (name) => {
    const { output } = await post('/taken', { secret: name, headers: { 'x-topic': 'prices' } });
    const { headers, body, method } = delivered();
    expect({ method, body }).toEqual({ method: 'POST', body: '{"event":"naïve"}' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-topic': 'prices' });
    expect(verify(headers, body, secrets[name])).toBe(output['deliveryId']);
    expect(output).toMatchObject({ status: 202, body: 'thanks' });
  });

  it('is refused by the recipe when anything of it was changed, or the secret is another one', async () => {
    await post('/taken');
    const { headers, body } = delivered();
    expect(verify(headers, `${body} `, secrets.HOOK)).toBeNull();
    expect(verify(headers, body, 'guessed')).toBeNull();
    for (const name of ['webhook-id', 'webhook-timestamp']) expect(verify({ ...headers, [name]: `1${String(headers[name])}` }, body, secrets.HOOK)).toBeNull();
    expect(verify({ ...headers, 'webhook-signature': '' }, body, secrets.HOOK)).toBeNull();
    expect(verify({}, body, secrets.HOOK)).toBeNull();
  });

  it('is refused by the recipe when it comes again after five minutes', async () => {
    await post('/taken');
    const { headers, body } = delivered();
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 301_000);
    expect(verify(headers, body, secrets.HOOK)).toBeNull();
    now.mockRestore();
    expect(verify(headers, body, secrets.HOOK)).not.toBeNull();
  });

  it('bears the same id in every attempt, and another one in another task', async () => {
    const run = randomUUID();
    for (const attempt of [1, 2]) await post('/taken', {}, { run, attempt });
    await post('/taken', {}, { run, task: 'other' });
    const ids = target.calls.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([`${run}/task/`, `${run}/task/`, `${run}/other/`]);
    expect(target.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(ids);
  });

  it('is retried by status, when the receiver asks for it', async () => {
    await expect(post('/busy')).rejects.toMatchObject({ code: 'http_status', retryable: true, details: { status: 429, retryAfterMs: 3_000 } });
    await expect(post('/broken')).rejects.toMatchObject({ code: 'http_status', retryable: true });
    await expect(post('/gone')).rejects.toMatchObject({ code: 'http_status', retryable: false, message: containing('410: no longer') });
    await expect(post('/silent', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timed_out', retryable: true });
  });

  it('does not follow a redirect', async () => {
    await expect(post('/moved')).rejects.toMatchObject({ code: 'http_status', retryable: false, details: { status: 307 } });
    expect(target.calls).toHaveLength(1);
  });

  it('names a secret that is missing, and says nothing of the others', async () => {
    await expect(post('/taken', { secret: 'NOPE' })).rejects.toMatchObject({ code: 'secret_missing', message: containing('DATAMCP_SECRET_NOPE') });
    await expect(post('/gone')).rejects.toMatchObject({ message: lacking(secrets.HOOK) });
  });

  it.each(['Webhook-Id', 'webhook-signature', 'Idempotency-Key', 'content-type'])('keeps %s for itself', async (name) => {
    await expect(post('/taken', { headers: { [name]: 'x' } })).rejects.toThrow('set by webhook.post itself');
    expect(target.calls).toEqual([]);
  });

  it.each([{ json: undefined }, { json: 'text' }, { secret: undefined }, { url: 'ftp://example.org' }])('refuses %j', async (wrong) => {
    await expect(post('/taken', wrong)).rejects.toThrow();
    expect(target.calls).toEqual([]);
  });

  it('stays outside of private networks', async () => {
    await expect(post('', { url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'access_denied' });
  });

  it('hangs up within a second when it is told to stop', async () => {
    const { signal, reason } = abortAfter(200);
    const started = Date.now();
    await expect(post('/silent', {}, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_200);
  });
});
