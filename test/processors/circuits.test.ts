import { Registry } from 'prom-client';
import { registerCircuitMetrics } from '../../platform/circuit-metrics';
import { Target } from './http-target';
import { containing } from './text-matchers';
import { Workbench } from './workbench';

const probeMs = 1_000;
let bench: Workbench;
let target: Target;
let answer: (status: number) => void;
/** What the target does with the next calls. */
let mode: 'up' | 'down' | 'missing' | 'large' | 'silent' | 'hang_up' = 'up';

beforeAll(async () => {
  bench = await Workbench.create({ DATAMCP_CIRCUIT_FAILURES: '3', DATAMCP_CIRCUIT_PROBE_MS: String(probeMs) });
});
afterAll(() => bench.close());
// A port of its own for each test: a circuit belongs to host and port.
beforeEach(async () => {
  mode = 'up';
  target = await Target.listen((_path, response) => {
    switch (mode) {
      case 'up': return void response.end('here');
      case 'down': return void response.writeHead(500).end();
      case 'large': return void response.end('x'.repeat(70_000));
      case 'missing': return void response.writeHead(404).end();
      case 'hang_up': return void response.destroy();
      case 'silent': answer = (status) => response.writeHead(status).end(); return;
    }
  });
});
afterEach(() => target.close());

const call = (more: object = {}, attempt: object = {}): Promise<unknown> =>
  bench.run('http.request', { url: target.url, timeoutMs: mode === 'silent' ? 300 : 10_000, ...more }, attempt).then(({ output }) => output['status'], (error: { code: string }) => error.code);
const calls = async (count: number): Promise<unknown[]> => {
  const ends: unknown[] = [];
  for (let n = 0; n < count; n += 1) ends.push(await call());
  return ends;
};
const host = (): string => new URL(target.url).host;
const report = () => bench.http.circuits.report().find((each) => each.host === host());
const probeTime = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, probeMs + 20); });
const metrics = async (): Promise<string[]> => {
  const registry = new Registry();
  registerCircuitMetrics(bench.http.circuits, registry);
  return (await registry.metrics()).split('\n').filter((line) => line.includes(host())).map((line) => line.replace(`host="${host()}"`, ''));
};

describe('a circuit', () => {
  it.each([['down', 'http_status'], ['hang_up', 'http_failed'], ['silent', 'timed_out']] as const)('opens after failures in a row when the host is %s, and asks no more', async (how, code) => {
    mode = how;
    expect(await calls(5)).toEqual([code, code, code, 'circuit_open', 'circuit_open']);
    expect(target.calls).toHaveLength(3);
    expect(report()).toMatchObject({ status: 'open', failures: 3, failed: 3, refused: 2, opened: 1 });
  });

  it('says when it asks again, so that the next attempt comes then', async () => {
    mode = 'down';
    await calls(3);
    const refused: unknown = await bench.run('http.request', { url: target.url }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'circuit_open', retryable: true, message: containing('failed 3 times in a row'), details: { host: host() } });
    const { retryAfterMs, nextProbeAt } = (refused as { details: { retryAfterMs: number; nextProbeAt: string } }).details;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(probeMs);
    expect(Math.abs(Date.parse(nextProbeAt) - Date.now() - retryAfterMs)).toBeLessThan(100);
  });

  it('takes a 4xx for an answer, also between failures', async () => {
    mode = 'missing';
    await calls(5);
    expect(report()).toMatchObject({ status: 'closed', failures: 0, answered: 5 });
    mode = 'down';
    await calls(2);
    mode = 'missing';
    await calls(1);
    mode = 'down';
    expect(await calls(3)).toEqual(['http_status', 'http_status', 'http_status']);
    expect(report()).toMatchObject({ status: 'open' });
  });

  it('probes with one call when its time has come, and holds the others back meanwhile', async () => {
    mode = 'down';
    await calls(3);
    await probeTime();
    mode = 'silent';
    target.calls.length = 0;
    const probe = call({ timeoutMs: 5_000 });
    await target.asked(1);
    expect(await Promise.all([call(), call(), call()])).toEqual(['circuit_open', 'circuit_open', 'circuit_open']);
    expect(report()).toMatchObject({ status: 'half_open' });
    expect(target.calls).toHaveLength(1);
    mode = 'up';
    answer(200);
    expect(await probe).toBe(200);
    expect(await calls(2)).toEqual([200, 200]);
    expect(report()).toMatchObject({ status: 'closed', failures: 0, nextProbeAt: null });
  });

  it('opens again when the probe fails', async () => {
    mode = 'down';
    await calls(3);
    await probeTime();
    expect(await calls(2)).toEqual(['http_status', 'circuit_open']);
    expect(report()).toMatchObject({ status: 'open', opened: 2 });
  });

  it('closes when the probe is answered, though by more than an output holds', async () => {
    mode = 'down';
    await calls(3);
    await probeTime();
    mode = 'large';
    expect(await calls(2)).toEqual(['output_too_large', 'output_too_large']);
    expect(report()).toMatchObject({ status: 'closed', failures: 0 });
  });

  it('stays open when the probe is cancelled, which tells nothing of the host', async () => {
    mode = 'down';
    await calls(3);
    await probeTime();
    mode = 'silent';
    const controller = new AbortController();
    const probe = call({ timeoutMs: 5_000 }, { signal: controller.signal });
    await target.asked(4);
    controller.abort(Object.assign(new Error('told to stop'), { code: 'stopped' }));
    expect(await probe).toBe('stopped');
    expect(report()).toMatchObject({ status: 'open', failures: 3 });
  });

  it('is not opened by tasks that are cancelled', async () => {
    mode = 'silent';
    for (let n = 1; n <= 4; n += 1) {
      const controller = new AbortController();
      const stopped = call({ timeoutMs: 5_000 }, { signal: controller.signal });
      await target.asked(n);
      controller.abort(Object.assign(new Error('told to stop'), { code: 'stopped' }));
      expect(await stopped).toBe('stopped');
    }
    expect(report()).toMatchObject({ status: 'closed', failures: 0 });
  });

  it('belongs to one host', async () => {
    const other = await Target.listen((_path, response) => void response.end());
    mode = 'down';
    await calls(3);
    expect(await call({ url: other.url })).toBe(200);
    await other.close();
  });

  it('shows its state and its counts in metrics', async () => {
    await calls(2);
    expect(await metrics()).toContain('datamcp_circuit_state{} 0');
    mode = 'down';
    await calls(4);
    expect(await metrics()).toEqual([
      'datamcp_circuit_state{} 2',
      'datamcp_circuit_calls_total{,outcome="answered"} 2', 'datamcp_circuit_calls_total{,outcome="failed"} 3', 'datamcp_circuit_calls_total{,outcome="refused"} 1',
      'datamcp_circuit_opened_total{} 1',
    ]);
  });
});
