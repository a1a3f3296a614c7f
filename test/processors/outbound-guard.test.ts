import { HttpClient } from '../../platform/http';
import type { Resolver } from '../../platform/outbound-guard';
import { Target } from './http-target';

const config = { DATAMCP_OUTBOUND_ALLOW: ['127.0.0.1/32'], DATAMCP_CIRCUIT_FAILURES: 1_000, DATAMCP_CIRCUIT_PROBE_MS: 1_000 };
/** Loopback, too: a server there would answer, if anyone asked it. */
const forbidden = '127.0.0.2';

let target: Target;
beforeAll(async () => {
  target = await Target.listen((path, response) => {
    if (path.startsWith('/to/')) return response.writeHead(302, { location: decodeURIComponent(path.slice(4)) }).end();
    // Each call needs a connection of its own, and so a look at what the name is now.
    response.setHeader('connection', 'close').end('here');
  }, '0.0.0.0');
});
afterAll(() => target.close());
beforeEach(() => { target.calls.length = 0; });

/** A name server whose answers change from one question to the next. */
function rebinding(answers: string[][]): { resolve: Resolver; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolver = (hostname, _options, callback) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    callback(null, addresses.map((address) => ({ address, family: 4 })));
  };
  return { resolve, asked };
}

async function ask(resolve: Resolver, paths: string[]): Promise<unknown[]> {
  const client = new HttpClient(config, resolve);
  const ends: unknown[] = [];
  for (const path of paths) {
    const url = new URL(path, `http://name.example:${target.port}`);
    ends.push(await client.request({ method: 'GET', url, signal: new AbortController().signal, timeoutMs: 5_000 }, async ({ status }) => status)
      .catch((error: unknown) => error));
  }
  await client.close();
  return ends;
}

describe('a name that changes its address', () => {
  it('is looked up once for each connection, and the connection goes to the address that was checked', async () => {
    // Checked when it was harmless, used when it is not: whoever asks twice is caught.
    const { resolve, asked } = rebinding([['127.0.0.1'], [forbidden]]);
    expect(await ask(resolve, ['/'])).toEqual([200]);
    expect(asked).toEqual(['name.example']);
  });

  it('is refused from the moment when it points inside', async () => {
    const { resolve } = rebinding([['127.0.0.1'], [forbidden], ['127.0.0.1']]);
    expect(await ask(resolve, ['/', '/', '/'])).toEqual([200, expect.objectContaining({ code: 'access_denied', retryable: false }), 200]);
    expect(target.calls).toHaveLength(2);
  });

  it('is not reached at its inside address when it has a public one, too, which does not answer', async () => {
    const { resolve } = rebinding([[forbidden, '127.0.0.1']]);
    expect(await ask(resolve, ['/'])).toEqual([200]);
    expect(target.peers).toEqual(new Set(['127.0.0.1']));
  });

  it.each([
    'http://other.example:PORT/', 'http://[::ffff:127.0.0.2]:PORT/', 'http://127.0.0.2:PORT/', 'http://2130706434:PORT/', 'http://[::127.0.0.1]:PORT/', '//127.0.0.2:PORT/',
  ])('is checked again after a redirect to %s', async (location) => {
    const { resolve } = rebinding([['127.0.0.1'], [forbidden]]);
    const ends = await ask(resolve, [`/to/${encodeURIComponent(location.replace('PORT', String(target.port)))}`]);
    expect(ends).toEqual([expect.objectContaining({ code: 'access_denied' })]);
    expect(target.calls).toHaveLength(1);
  });
});
