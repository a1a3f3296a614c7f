import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '../../devstack/processes';
import { textOf } from '../docs/document';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { Target } from '../processors/http-target';
import { Deployment, type Member } from './deployment';
import { filesOf } from './image';
import { SteadyClient } from './steady-client';

jest.setTimeout(120_000);

/** Each starts a run, waits for its end, and starts the next one. */
const clients = 6;

let database: TestDatabase;
let deployment: Deployment;
let client: SteadyClient;
let target: Target;
let imageFiles: string[];

beforeAll(async () => {
  database = await createTestDatabase('empty');
  deployment = await Deployment.on(database);
  imageFiles = filesOf(deployment.image);
  client = new SteadyClient(() => deployment.of('api').map(({ url }) => url), deployment.adminKey);
  target = await Target.listen((_path, response) => { response.end('{}'); });
  await deployment.setup();
  await Promise.all([deployment.start('mail'), deployment.start('api'), deployment.start('worker'), deployment.start('worker')]);
});
afterAll(async () => {
  await deployment.close();
  await target.close();
  await database.close();
});

async function startRun(pipeline: string): Promise<string> {
  const { status, body } = await client.call('POST', `/v1/pipelines/${pipeline}/runs`, {}, { 'idempotency-key': randomUUID() });
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
  return String(body['id']);
}

/** Waits for the end of a run, as scripts do: an API that stops answers early with what is known by then. */
async function endOf(id: string): Promise<unknown> {
  for (;;) {
    const { body } = await client.call('GET', `/v1/runs/${id}`, undefined, { prefer: 'wait=20' });
    if (body['finishedAt'] !== null) return body['status'];
  }
}

/** Statuses of runs with how many have each. */
async function statuses(pipeline: string): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ status: string; count: number }>('select status, count(*) from runs where pipeline = $1 group by status', [pipeline]);
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function apply(name: string, document: string): Promise<void> {
  const { status, body } = await client.call('PUT', `/v1/pipelines/${name}`, document);
  if (status >= 300) throw new Error(JSON.stringify(body));
}

test('the image starts nothing on settings of development, and says all that is wrong with them', () => {
  for (const script of ['api/main.js', 'workers/main.js', 'workers/setup.js']) {
    const { status, stderr } = spawnSync(process.execPath, [join('dist', script)], {
      cwd: deployment.image, encoding: 'utf8',
      env: { DATAMCP_ENV: 'production', DATABASE_URL: 'postgresql://datamcp:datamcp@127.0.0.1/datamcp', TEMPORAL_ADDRESS: '127.0.0.1:1', DATAMCP_API_URL: 'http://pipelines.example.com' },
    });
    expect(status).toBe(1);
    for (const name of ['DATABASE_URL', 'DATAMCP_API_URL', 'DATAMCP_SECRETS_KEY', 'DATAMCP_ARTIFACTS']) expect(stderr).toContain(`${name}: `);
  }
});

test('a pipeline goes its whole way through the services of docker-compose.yml: file, check, report by mail', async () => {
  await apply('deployed', `
name: deployed
tasks:
  - { id: make, uses: duckdb.query, with: { sql: "select range as n from range(1000)", save: numbers.parquet } }
  - { id: check, needs: [make], uses: data.validate, with: { from: "\${{ tasks.make.output.artifact }}", rules: [{ rowCount: { min: 1000 } }] } }
  - id: mail
    needs: [check]
    uses: email.send
    with: { to: [team@example.org], subject: Numbers, text: attached, attachments: ["\${{ tasks.make.output.artifact }}"] }
`);
  const id = await startRun('deployed');
  expect(await endOf(id)).toBe('succeeded');
  const mails = await fetch(`${deployment.of('mail')[0]?.url}/api/mails`).then((response) => response.json());
  expect(mails).toMatchObject({ items: [{ subject: 'Numbers', attachments: [{ name: 'numbers.parquet' }] }] });
});

test('health checks see who is ready, and who is not there', async () => {
  expect(await Promise.all(deployment.members.map((member) => deployment.health(member)))).toEqual([0, 0, 0, 0]);
  const [api] = deployment.of('api');
  expect(await deployment.health({ ...api, url: 'http://127.0.0.1:1' } as Member)).toBe(1);
});

test('the image has the command line, with which definitions are checked and keys made where there is no Node', () => {
  const offline = spawnSync(process.execPath, ['dist/cli/main.js', 'validate', '--offline', '-'], {
    cwd: deployment.image, encoding: 'utf8', input: textOf('examples/hello.yaml'),
  });
  expect(offline).toMatchObject({ status: 0, stderr: '' });

  const [, command = ''] = /api (node dist\/cli\/main\.js --api-url) /.exec(textOf('docs/deployment.md')) ?? [];
  const [, keys = ''] = /datamcp (keys create prometheus .*) > /.exec(textOf('docs/deployment.md')) ?? [];
  const { stdout, stderr } = spawnSync('sh', ['-c', `${command} "${deployment.of('api')[0]?.url}" ${keys}`], {
    cwd: deployment.image, encoding: 'utf8', env: { PATH: process.env['PATH'], DATAMCP_API_KEY: deployment.adminKey },
  });
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^dmcp_\S{32,}\n$/), stderr: '' });
});

test('browsers are told to keep to HTTPS, which production has in front', async () => {
  const [api] = deployment.of('api');
  const answer = await fetch(`${api?.url}/v1/me`, { headers: { authorization: `Bearer ${deployment.adminKey}` } });
  expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8,}; includeSubDomains$/);
});

test('a stream of an API that is stopped says when to come back, and goes on at another one without a gap', async () => {
  await apply('slow', 'name: slow\ntasks:\n  - { id: one, uses: core.noop }\n  - { id: nap, needs: [one], uses: core.wait, with: { duration: 1h } }\n');
  const id = await startRun('slow');
  const [old] = deployment.of('api');
  const other = await deployment.start('api');
  const headers = { authorization: `Bearer ${deployment.adminKey}` };
  const openStream = (url: string, last: number) => fetch(`${url}/v1/runs/${id}/events`, { headers: { ...headers, 'last-event-id': String(last) } });
  const idsOf = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  if (!old) throw new Error('no API');

  const stream = await openStream(old.url, 0);
  const log = fetch(`${old.url}/v1/runs/${id}/logs?follow=true`, { headers }).then((response) => response.text().then(() => 'ended', () => 'broken off'));
  await eventually(async () => ((await client.call('GET', `/v1/runs/${id}/tasks/one`)).body['status'] === 'succeeded' ? true : undefined), 20_000);
  const [end, before, logEnd] = await Promise.all([deployment.stop(old), stream.text(), log]);
  expect(end).toBe(0);
  // Its lines have no end that could be told from a break; the client asks again, after the last one that it has.
  expect(logEnd).toBe('broken off');
  expect(before).toMatch(/retry: \d+\n\n$/);
  const rest = await openStream(other.url, idsOf(before).at(-1) ?? 0);
  await client.call('POST', `/v1/runs/${id}/cancel`, {});
  const after = await rest.text();
  const seen = [...idsOf(before), ...idsOf(after)];
  expect(seen).toEqual(seen.map((_, index) => index + 1));
  expect(after).toContain('event: run.cancelled');
});

test('all APIs and workers are replaced one after the other under load: nothing is lost, nothing happens twice, no retried request fails', async () => {
  await deployment.start('api');
  await apply('steady', `
name: steady
tasks:
  - { id: begin, uses: core.noop }
  - { id: work, needs: [begin], uses: core.sleep, with: { milliseconds: 250 } }
  - { id: tell, needs: [work], uses: http.request, with: { method: POST, url: "${target.url}/\${{ run.id }}" } }
`);
  const accepted: string[] = [];
  let replacing = true;
  const load = Array.from({ length: clients }, async () => {
    while (replacing) {
      const id = await startRun('steady');
      accepted.push(id);
      expect(await endOf(id)).toBe('succeeded');
    }
  });
  const ends: (number | string)[] = [];
  const replaceAll = async () => { for (const member of [...deployment.of('api'), ...deployment.of('worker')]) ends.push(await deployment.replace(member)); };
  await Promise.all([...load, replaceAll().finally(() => { replacing = false; })]);

  expect(ends).toEqual([0, 0, 0, 0]);
  expect(await statuses('steady')).toEqual({ succeeded: accepted.length });
  expect(new Set(accepted).size).toBe(accepted.length);
  expect(target.calls.map(({ path }) => path.slice(1)).sort()).toEqual([...accepted].sort());
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*) from run_events join runs on runs.id = run_id where pipeline = 'steady' and type = 'run.succeeded'`);
  expect(rows).toEqual([{ count: accepted.length }]);
});

test('nothing was written into the image, and no process of it logged an error', () => {
  expect(filesOf(deployment.image)).toEqual(imageFiles);
  expect(deployment.logged().split('\n').filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
