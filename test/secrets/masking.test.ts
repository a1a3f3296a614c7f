import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { ProcessStage } from '../faults/process-stage';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testEnvironment } from '../harness/environment';
import { testConfig, testTemporalClient } from '../harness/temporal';
import { leaksIn, planted } from './leak-search';

jest.setTimeout(120_000);

const secrets = {
  FROM_ENV: `${planted} env "quoted" & /slashed?=ü`,
  FROM_FILE: `${planted}-file\nwith a second line of ${planted}`,
  FROM_API: `${planted}-api-$%+{}`,
};

/** A processor of the user's that lets its input out on every way that there is. */
const leaky = `module.exports = {
  name: 'test.leak', title: 'Leak', version: '1.0.0',
  input: { type: 'object' }, output: { type: 'object' },
  async process(context, input) {
    context.progress(50, 'at ' + input.value);
    context.logger.info('line ' + input.value, { field: input.value, [input.value]: Buffer.from('a:' + input.value).toString('base64') });
    console.error('on the standard error of the worker, which is not the log');
    const artifact = await context.artifacts.save(input.value.replace(/[^a-z0-9]/gi, '') === '' ? 'x' : 'kept.txt', 'text/plain; note=' + encodeURIComponent(input.value), 'content');
    await new Promise((done) => setTimeout(done, input.waitMs || 0));
    if (input.fail) throw new Error('outer ' + input.value, { cause: new Error('inner ' + JSON.stringify({ v: input.value })) });
    return { artifact, plain: input.value, url: encodeURIComponent(input.value), basic: Buffer.from('me:' + input.value).toString('base64'), json: JSON.stringify({ a: [input.value] }), [input.value]: 1 };
  },
};`;

const retry = { maxAttempts: 2, initialInterval: '10ms' };
const all = '${{ secrets.FROM_ENV }} ${{ secrets.FROM_FILE }} ${{ secrets.FROM_API }}';
const pipeline = (base: string) => ({
  name: 'leaks',
  defaults: { retry },
  tasks: [
    { id: 'echo', uses: 'http.request', with: { method: 'POST', url: `${base}/echo`, query: { q: '${{ secrets.FROM_ENV }}' }, headers: { authorization: 'Bearer ${{ secrets.FROM_API }}' }, json: { all, deep: ['${{ secrets.FROM_FILE }}'] } } },
    { id: 'refused', uses: 'http.request', with: { method: 'POST', url: `${base}/refuse`, json: { all } } },
    { id: 'bad_url', uses: 'http.request', with: { url: 'http://${{ secrets.FROM_API }}.invalid/' } },
    { id: 'sql_error', uses: 'sql.query', with: { connection: 'target', sql: 'select $1::integer', params: ['${{ secrets.FROM_ENV }}'] } },
    { id: 'sql_rows', uses: 'sql.query', with: { connection: 'target', sql: 'select $1::text as "value", encode(convert_to($1, \'UTF8\'), \'base64\') as coded, encode(convert_to($1, \'UTF8\'), \'hex\') as hex', params: ['${{ secrets.FROM_API }}'] } },
    { id: 'logged', uses: 'core.log', with: { message: all } },
    { id: 'failed', uses: 'core.fail', with: { message: all, retryable: true } },
    { id: 'asserted', uses: 'core.assert', with: { that: false, message: all } },
    { id: 'wrong_input', uses: 'core.sleep', with: { milliseconds: '${{ secrets.FROM_ENV }}' } },
    { id: 'leak', uses: 'test.leak', with: { value: all, waitMs: 1_500 } },
    { id: 'leak_error', uses: 'test.leak', with: { value: all, fail: true } },
    { id: 'each', uses: 'test.leak', forEach: { in: [1, 2], as: 'item' }, with: { value: '${{ secrets.FROM_FILE }}' } },
    { id: 'child', uses: 'pipeline.run', with: { pipeline: 'leaks-child' } },
    // Names no secret, and is told those of the others.
    { id: 'told', needs: ['echo'], uses: 'http.request', with: { url: `${base}/remembered` } },
    { id: 'missing', uses: 'core.log', with: { message: '${{ secrets.NOT_THERE }}' } },
  ].map((task) => ({ continueOnError: true, ...task })),
  outputs: { echo: '${{ tasks.echo.output }}', child: '${{ tasks.child.output }}', leak: '${{ tasks.leak.output }}', told: '${{ tasks.told.output }}', error: '${{ tasks.failed.error }}' },
});
const child = {
  name: 'leaks-child',
  tasks: [{ id: 'inner', uses: 'test.leak', with: { value: all } }, { id: 'inner_error', uses: 'core.fail', continueOnError: true, with: { message: all } }],
  outputs: { value: '${{ tasks.inner.output }}' },
};

let databases: TestDatabase[];
let stage: ProcessStage;
let client: Client;
let server: Server;
let runId: string;
const received: string[] = [];

async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  const body = await text(request);
  if (request.url === '/remembered') return { status: 200, body: JSON.stringify(received) };
  received.push(decodeURIComponent((request.url ?? '').replaceAll('+', ' ')), body, String(request.headers.authorization));
  return request.url === '/refuse' ? { status: 503, body } : { status: 200, body: JSON.stringify({ url: request.url, headers: request.headers, body }) };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => { response.writeHead(status, { 'content-type': status === 200 ? 'application/json' : 'text/plain' }).end(body); });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  databases = [await createTestDatabase(), await createTestDatabase('empty')];
  const folder = join(testEnvironment().TEST_DIR, `secrets-${randomUUID()}`);
  for (const name of ['files', 'plugins']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'files', 'FROM_FILE'), `${secrets.FROM_FILE}\n`);
  await writeFile(join(folder, 'plugins', 'leak.cjs'), leaky);
  const url = databases[0]?.url ?? '';
  stage = await ProcessStage.on({ databaseUrl: url, temporalAddress: testEnvironment().TEST_TEMPORAL_ADDRESS }, {
    DATAMCP_SECRET_FROM_ENV: secrets.FROM_ENV, DATAMCP_SECRETS_DIR: join(folder, 'files'), DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'),
    DATAMCP_PLUGINS: join(folder, 'plugins'), DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8', LOG_LEVEL: 'debug',
  });
  client = testTemporalClient(testConfig(url));
  await Promise.all([stage.startApi(), stage.startWorker()]);
  await setUpTarget();
  await stage.call('PUT', '/v1/secrets/FROM_API', { value: secrets.FROM_API });
  await stage.apply(child);
  await stage.apply(pipeline(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  runId = await stage.startRun('leaks');
});
afterAll(async () => {
  server.close();
  await stage.close();
  await client.connection.close();
  await Promise.all(databases.map((database) => database.close()));
});

/** A database whose password is a secret, too. */
async function setUpTarget(): Promise<void> {
  const target = databases[1];
  if (!target) throw new Error('no database');
  const { hostname, port, pathname } = new URL(target.url);
  const user = `user_${randomUUID().slice(0, 8)}`;
  await target.pool.query(`create role ${user} login password '${planted}-password'; grant create on schema public to ${user}`);
  await stage.call('PUT', '/v1/secrets/TARGET_PASSWORD', { value: `${planted}-password` });
  await stage.call('PUT', '/v1/connections/target', { kind: 'postgres', host: hostname, port: Number(port), database: pathname.slice(1), user, password: { secret: 'TARGET_PASSWORD' }, tls: 'off' });
}

const get = async (path: string): Promise<string> => JSON.stringify((await stage.call('GET', path)).body);

test('the search finds a secret in every form', () => {
  for (const secret of Object.values(secrets)) {
    for (const form of [secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...['', 'a', 'ab'].map((name) => Buffer.from(name + secret).toString('base64'))]) {
      expect(leaksIn(`x ${form} y`)).not.toEqual([]);
      expect(leaksIn(JSON.stringify({ data: Buffer.from(JSON.stringify({ form })).toString('base64') }))).not.toEqual([]);
    }
  }
  expect(leaksIn('nothing here, aGFybWxlc3M=')).toEqual([]);
});

test('progress of a running task holds no secret', async () => {
  await stage.until(30_000, 'the task did not show progress', async () => {
    const shown = await get(`/v1/runs/${runId}/tasks/leak`);
    expect(leaksIn(shown)).toEqual([]);
    return shown.includes('at ***') || /succeeded|failed/.test(shown) ? true : undefined;
  });
});

describe('when the run is over', () => {
  beforeAll(() => stage.ended(runId));

  test('the far end got the secrets themselves, and what came back is masked', async () => {
    for (const secret of Object.values(secrets)) expect(received.join('\n')).toContain(secret.split('\n')[0]);
    const { body } = await stage.call('GET', `/v1/runs/${runId}`);
    expect(body['outputs']).toMatchObject({ echo: { body: { headers: { authorization: 'Bearer ***' } } }, child: { value: { plain: '*** *** ***' } }, error: { message: '*** *** ***' } });
  });

  test.each([
    ['http.request', 'refused', 'http_status'], ['http.request', 'bad_url', 'input_invalid'], ['sql.query', 'sql_error', 'query_failed'], ['core.fail', 'failed', 'task_failed'],
    ['core.assert', 'asserted', 'assertion_failed'], ['a plugin', 'leak_error', 'task_failed'], ['core.log', 'missing', 'secret_missing'],
  ])('the failure of %s (%s) is told without secrets', async (_uses, task, code) => {
    const { body } = await stage.call('GET', `/v1/runs/${runId}/tasks/${task}`);
    expect(body).toMatchObject({ error: { code } });
    expect(leaksIn(JSON.stringify(body))).toEqual([]);
  });

  test('no event of any of its workflows holds a secret', async () => {
    const { rows } = await stage.pool.query<{ id: string }>('select workflow_id as id from runs');
    expect(rows).toHaveLength(2);
    for (const { id } of rows) {
      await client.workflow.getHandle(id).result().catch(() => undefined);
      const history = historyToJSON(await client.workflow.getHandle(id).fetchHistory());
      expect(JSON.parse(history)).toMatchObject({ events: expect.arrayContaining([expect.objectContaining({ activityTaskScheduledEventAttributes: expect.anything() })]) });
      expect(leaksIn(history)).toEqual([]);
    }
  });

  test('no table holds a secret', async () => {
    const { rows: tables } = await stage.pool.query<{ name: string }>("select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'");
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const { rows } = await stage.pool.query<{ text: string | null }>(`select string_agg(to_jsonb(t)::text, E'\\n') as text from ${name} t`);
      expect([name, leaksIn(rows[0]?.text ?? '')]).toEqual([name, []]);
    }
    const { rows: [logs] } = await stage.pool.query<{ text: string }>("select string_agg(to_jsonb(l)::text, '') as text from task_logs l");
    expect(logs?.text).toContain('line *** *** ***');
  });

  test.each(['', '/tasks', '/graph', '/artifacts', '/tasks/each', '/tasks/leak', '/tasks/echo', '/tasks/told'])('GET /v1/runs/{id}%s tells no secret', async (path) => {
    expect(leaksIn(await get(`/v1/runs/${runId}${path}`))).toEqual([]);
  });

  test.each(['/v1/secrets', '/v1/secrets/FROM_API', '/v1/connections', '/v1/connections/target', '/health', '/v1/pipelines/leaks'])('GET %s tells no secret', async (path) => {
    expect(leaksIn(await get(path))).toEqual([]);
  });

  test('the logs of worker and API hold no secret', () => {
    expect(stage.logged()).toContain('the worker takes work');
    expect(leaksIn(stage.logged())).toEqual([]);
  });
});
