import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { productVersion } from '../../platform/package-root';
import { textOf } from '../docs/document';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testTemporal } from '../harness/temporal';
import { ProcessStage } from '../faults/process-stage';
import { SpanReceiver, type Span } from './span-receiver';

jest.setTimeout(90_000);

const traceId = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${callerSpan}-01`;

let database: TestDatabase;
let receiver: SpanReceiver;
let stage: ProcessStage;
let workerUrl: string;
let runId: string;

type Line = Record<string, unknown> & { message: string; service: string };
const lines = (): Line[] => stage.logged().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await SpanReceiver.open();
  stage = await ProcessStage.on({ databaseUrl: database.url, temporalAddress: testTemporal().address }, {
    LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100',
    DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8', DATAMCP_CIRCUIT_FAILURES: '1', DATAMCP_WORKER_SDK_METRICS: 'true', DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'),
  });
  await Promise.all([stage.startApi(), stage.startWorker({ environment: { DATAMCP_WORKER_QUEUES: 'gpu' } })]);
  await stage.apply(`
name: watched
tasks:
  - { id: quick, uses: core.noop }
  - { id: call, needs: [quick], uses: http.request, with: { url: "${receiver.url}/target" } }
  - { id: list, needs: [quick], forEach: { in: [1, 2], as: item }, uses: core.sleep, with: { milliseconds: "\${{ item }}" } }
  - { id: wrong, needs: [call], uses: core.fail, continueOnError: true, retry: { maxAttempts: 1 }, with: { message: wrong on purpose } }
  - { id: away, needs: [wrong], uses: http.request, continueOnError: true, retry: { maxAttempts: 1 }, with: { url: "http://127.0.0.1:9/" } }
`);
  runId = await stage.startRun('watched', { traceparent, 'x-request-id': 'request-1' });
  expect(await stage.ended(runId)).toBe('succeeded');
  const port = await stage.until(5_000, 'the worker has not told its port', async () => lines().find(({ healthPort }) => healthPort !== undefined)?.['healthPort']);
  workerUrl = `http://127.0.0.1:${String(port)}`;
});
afterAll(async () => {
  await stage.close();
  receiver.close();
  await database.close();
});

describe('logs', () => {
  test('a run can be followed by its ids through API and worker, and from a request to what it started', async () => {
    const ended = await stage.until(5_000, 'the end of the run was not logged', async () => lines().find(({ message }) => message === 'a run ended'));
    expect(ended).toMatchObject({ service: 'worker', runId, traceId, workflowId: `run/watched/${runId}`, status: 'succeeded' });
    const ofRequest = lines().filter(({ requestId }) => requestId === 'request-1');
    expect(ofRequest).toContainEqual(expect.objectContaining({ service: 'api', traceId, message: 'a run was accepted', runId }));
    expect(ofRequest).toContainEqual(expect.objectContaining({ service: 'api', traceId, message: 'request', route: '/v1/pipelines/{name}/runs', status: 202 }));
    const attempts = lines().filter((line) => line['runId'] === runId && line.message.startsWith('an attempt'));
    expect(attempts.map(({ task, message }) => `${String(task)}: ${message}`).sort()).toEqual([
      'away: an attempt failed', 'call: an attempt succeeded', 'list: an attempt succeeded', 'list: an attempt succeeded',
      'quick: an attempt succeeded', 'wrong: an attempt failed',
    ]);
    expect(attempts.every((line) => line['traceId'] === traceId && line['attempt'] === 1 && line['processor'] !== undefined)).toBe(true);
    expect(attempts.filter(({ task }) => task === 'list').map(({ instance }) => instance).sort()).toEqual([0, 1]);
    expect(attempts.find(({ task }) => task === 'wrong')).toMatchObject({ level: 'info', code: 'task_failed' });
    expect(lines().filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('a request for a run bears the id of the run, and an approval can be followed from the request that made it to its end', async () => {
    await stage.call('GET', `/v1/runs/${runId}/tasks`);
    await stage.call('POST', '/v1/keys', { subject: { type: 'user', name: 'ann' }, roles: [] });
    const made = await stage.call('POST', '/v1/approvals', { title: 'Publish?', policy: { approvers: { users: ['ann'] } } });
    const approvalId = String(made.body['id']);
    await stage.call('POST', `/v1/approvals/${approvalId}/withdraw`, {}, { 'x-request-id': 'withdrawal' });
    const ended = await stage.until(5_000, 'the end of the approval was not logged', async () => lines().find(({ message }) => message === 'an approval ended'));
    expect(ended).toMatchObject({ service: 'worker', approvalId, status: 'withdrawn', requestId: 'withdrawal', workflowId: `approval/${approvalId}` });
    const asked = await stage.until(5_000, 'the request was not logged', async () => lines().find((line) => line.message === 'request' && line['requestId'] === 'withdrawal'));
    expect(asked).toMatchObject({ service: 'api', approvalId, route: '/v1/approvals/{id}/withdraw' });
    expect(lines()).toContainEqual(expect.objectContaining({ service: 'api', message: 'an approval was asked for', approvalId }));
    expect(lines()).toContainEqual(expect.objectContaining({ service: 'api', message: 'request', runId, route: '/v1/runs/{id}/tasks' }));
  });

  test('say which version begins', () => {
    for (const message of ['listening', 'the worker takes work']) expect(lines()).toContainEqual(expect.objectContaining({ message, version: productVersion() }));
  });

  test('are one JSON document a line, also what Temporal\'s own code says', () => {
    const wrong = stage.logged().split('\n').filter((line) => line !== '' && !line.startsWith('{"'));
    expect(wrong).toEqual([]);
  });
});

describe('traces', () => {
  const named = (spans: Span[], name: string): Span => {
    const found = spans.find((span) => span.name === name);
    if (!found) throw new Error(`There is no span "${name}" among ${spans.map((span) => span.name).join(', ')}`);
    return found;
  };

  test('one trace goes from the caller over the request, the start, the run and its tasks to the target of a call', async () => {
    const spans = await stage.until(5_000, 'not all spans came', async () => {
      const all = receiver.trace(traceId);
      return all.some(({ name }) => name === 'run') && all.some(({ name }) => name === 'POST /v1/pipelines/{name}/runs') ? all : undefined;
    });
    const request = named(spans, 'POST /v1/pipelines/{name}/runs');
    const start = named(spans, 'start pipelineRun');
    const run = named(spans, 'run');
    const call = spans.find(({ attributes }) => attributes['datamcp.task'] === 'call');
    const outgoing = spans.find(({ name, service, parent }) => name === 'GET' && service === 'datamcp-worker' && parent === call?.spanId);
    expect(request).toMatchObject({ service: 'datamcp-api', parent: callerSpan, attributes: { 'http.response.status_code': '202', 'datamcp.request.id': 'request-1' } });
    expect(start).toMatchObject({ service: 'datamcp-api', parent: request.spanId });
    expect(run).toMatchObject({ service: 'datamcp-worker', parent: start.spanId, attributes: { 'datamcp.run.id': runId, 'datamcp.run.status': 'succeeded' } });
    const tasks = spans.filter(({ name }) => name.startsWith('task '));
    expect(tasks.map(({ attributes }) => attributes['datamcp.task']).sort()).toEqual(['away', 'call', 'list', 'list', 'quick', 'wrong']);
    expect(tasks.every(({ parent }) => parent === run.spanId)).toBe(true);
    expect(tasks.filter(({ failed }) => failed).map(({ attributes }) => attributes['datamcp.task']).sort()).toEqual(['away', 'wrong']);
    expect(receiver.traceparents).toContain(`00-${traceId}-${outgoing?.spanId}-01`);
  });

  test('a caller that does not want its trace to be kept gets no spans', async () => {
    const id = await stage.startRun('watched', { traceparent: `00-${traceId}-${callerSpan}-00` });
    await stage.ended(id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.spans.filter(({ attributes }) => attributes['datamcp.run.id'] === id)).toEqual([]);
  });
});

describe('metrics', () => {
  const metric = /^(\w+)(?:\{[^}]*\})? /gm;
  const scrape = async (url: string, headers: Record<string, string> = {}): Promise<string> => {
    const response = await fetch(url, { headers });
    expect(response.status).toBe(200);
    return response.text();
  };
  const namesIn = (text: string): Set<string> => new Set([...text.matchAll(metric)].map(([, name]) => name ?? ''));
  const api = (): Promise<string> => scrape(`${stage.apiUrl}/metrics`, stage.authorization);
  const worker = (): Promise<string> => scrape(`${workerUrl}/metrics`);

  test('the API tells of requests by route, of open runs and of task queues, those too that only the worker knows', async () => {
    const text = await api();
    expect(text).toMatch(/^http_request_duration_seconds_count\{method="POST",route="\/v1\/pipelines\/\{name\}\/runs",status="202"\} [1-9]/m);
    expect(text).toMatch(/^http_requests_in_flight 1$/m);
    expect(text).toMatch(/^datamcp_runs_open\{status="running"\} \d/m);
    expect(text).toMatch(/^datamcp_run_silence_seconds \d/m);
    expect(text).toMatch(/^datamcp_queue_pollers\{queue="[^"]+",kind="activity"\} 1$/m);
    expect(text).toMatch(/^datamcp_queue_pollers\{queue="gpu",kind="activity"\} 1$/m);
    expect(text).not.toContain(runId);
  });

  test('the worker tells of attempts by processor and outcome, of runs, lag, slots, circuits and Temporal\'s SDK', async () => {
    const text = await worker();
    expect(text).toMatch(/^datamcp_task_attempt_duration_seconds_count\{processor="core.noop",outcome="succeeded"\} [1-9]/m);
    expect(text).toMatch(/^datamcp_task_attempt_duration_seconds_count\{processor="core.fail",outcome="failed"\} [1-9]/m);
    expect(text).toMatch(/^datamcp_task_attempts_running\{processor="core.noop"\} 0$/m);
    expect(text).toMatch(/^datamcp_runs_ended_total\{status="succeeded"\} [1-9]/m);
    expect(text).toMatch(/^datamcp_tasks_ended_total\{status="failed"\} [1-9]/m);
    expect(text).toMatch(/^datamcp_read_model_lag_seconds_count [1-9]/m);
    expect(text).toMatch(/^datamcp_batch_size_count\{writer="facts"\} [1-9]/m);
    expect(text).toMatch(/^datamcp_worker_activities\{kind="full"\} 0$/m);
    expect(text).toMatch(/^datamcp_circuit_state\{host="127.0.0.1:9"\} 2$/m);
    expect(text).toMatch(/^temporal_worker_task_slots_available\{/m);
    expect(text).not.toContain(runId);
  });

  test('every metric that the dashboard and the alerts ask for is there, and those of ours are in the documentation, which names no others', async () => {
    const dashboard: unknown = JSON.parse(textOf('deploy/grafana/datamcp.json'));
    const alerts: unknown = parse(textOf('deploy/prometheus/alerts.yml'));
    const asked = [dashboard, alerts].flatMap(expressionsIn).flatMap(namesAsked);
    const texts = [await api(), await worker()];
    const known = new Set(texts.flatMap((text) => [...namesIn(text)]));
    expect(new Set(asked).size).toBeGreaterThan(20);
    expect([...new Set(asked)].filter((name) => !known.has(name))).toEqual([]);
    const shown = texts.flatMap((text) => [...text.matchAll(/^# TYPE ((?:datamcp|http)_\w+)/gm)].map(([, name = '']) => name));
    expect(new Set(textOf('docs/observability.md').match(/(?<=^\|.*`)(?:datamcp|http)_(?!\*)\w+/gm))).toEqual(new Set(shown));
  });

  test('the documentation tells of every alert', () => {
    const names = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);
    const alerts = names(textOf('deploy/prometheus/alerts.yml'), /alert: (\w+)/g);
    expect(alerts.length).toBeGreaterThan(5);
    expect(names(textOf('docs/observability.md'), /^\| `(Datamcp\w+)`/gm)).toEqual(alerts);
  });
});

/** All queries of a dashboard or of rules, wherever they stand. */
function expressionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => (key === 'expr' && typeof item === 'string' ? [item] : expressionsIn(item)));
}

/** Names of metrics are what stands before a selector, a range or the end of a sum: every word with one of our prefixes. */
const namesAsked = (expression: string): string[] => expression.match(/\b(?:datamcp|http|temporal|process|nodejs)_\w+/g) ?? [];

describe('health', () => {
  test('tells of every component, with the circuits that a worker has opened', async () => {
    const health = await stage.until(20_000, 'the worker has not told of its circuit', async () => {
      const { body } = await stage.call('GET', '/health');
      const { components } = body as { components: Record<string, { status: string; detail: string | null }> };
      return components['circuits']?.status === 'degraded' ? { status: body['status'], components } : undefined;
    });
    expect(health.status).toBe('degraded');
    expect(Object.fromEntries(Object.entries(health.components).map(([name, { status }]) => [name, status]))).toEqual({
      postgres: 'healthy', temporal: 'healthy', workers: 'healthy', artifacts: 'healthy', mail: 'healthy', secrets: 'healthy', readModel: 'healthy', circuits: 'degraded',
    });
    expect(health.components['circuits']?.detail).toBe('calls are held back from 127.0.0.1:9');
    expect(health.components['workers']?.detail).toMatch(/^last seen \d+ s ago$/);
    expect(health.components['mail']?.detail).toContain('SMTP_URL');
    expect(health.components['secrets']?.detail).toBeNull();
  });

  test('of a worker is told by itself', async () => {
    expect(await (await fetch(`${workerUrl}/health`)).json()).toEqual({
      status: 'degraded',
      components: {
        worker: { status: 'healthy', detail: 'working' }, postgres: { status: 'healthy', detail: null }, temporal: { status: 'healthy', detail: null },
        circuits: { status: 'degraded', detail: 'calls are held back from 127.0.0.1:9' },
      },
    });
    expect((await fetch(`${workerUrl}/livez`)).status).toBe(200);
    expect((await fetch(`${workerUrl}/nope`)).status).toBe(404);
  });
});
