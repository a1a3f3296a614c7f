import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Finding } from '../../cli/diagnosis/finding';
import { hashKey, newKeySecret } from '../../api/auth';
import { insertKey } from '../../db/keys';
import { workerReportChannel, type WorkerReport } from '../../platform/worker-report';
import { TestApi } from '../api/test-api';
import { Wire } from '../api/wire';
import { datamcp } from '../cli/captured-host';
import { testTemporal } from '../harness/temporal';

jest.setTimeout(90_000);


/** What the doctor finds, by name, and how it exits. */
async function examined(variables: Record<string, string>, cwd?: string): Promise<{ code: number; found: Record<string, Finding> }> {
  const { code, stdout } = await datamcp(['doctor', '--json'], { variables, cwd: cwd ?? emptyFolder });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  for (const finding of findings) expect(finding.status === 'ok' ? finding.message : finding.next).toBeTruthy();
  return { code, found: Object.fromEntries(findings.map((finding) => [finding.name, finding])) };
}

let emptyFolder: string;
let api: TestApi;
beforeAll(async () => {
  emptyFolder = mkdtempSync(join(tmpdir(), 'datamcp-doctor-'));
  api = await TestApi.start();
});
afterAll(async () => {
  await api.close();
  rmSync(emptyFolder, { recursive: true });
});

const withKey = (key: string): Record<string, string> => ({ DATAMCP_API_URL: api.url, DATAMCP_API_KEY: key });

describe('the way to the API', () => {
  test('nothing that says where it is, and nobody there', async () => {
    const { code, found } = await examined({});
    expect(code).toBe(3);
    expect(found['config']).toMatchObject({ status: 'warn', next: expect.stringContaining('npm start') });
  });

  test('an address at which nobody listens', async () => {
    const gone = await Wire.to('127.0.0.1:9');
    gone.close();
    const { code, found } = await examined({ DATAMCP_API_URL: `http://127.0.0.1:${gone.port}` });
    expect(code).toBe(3);
    expect(found['config']?.status).toBe('ok');
    expect(found['api']).toMatchObject({ status: 'fail', message: expect.stringContaining('nothing listens there'), next: expect.stringContaining('npm start') });
    expect(found['key']).toBeUndefined();
  });

  test('another program on the port', async () => {
    const other = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { code, found } = await examined({ DATAMCP_API_URL: `http://127.0.0.1:${(other.address() as AddressInfo).port}` });
    other.close();
    expect(code).toBe(3);
    expect(found['api']).toMatchObject({ status: 'fail', message: expect.stringContaining('it is not the API') });
  });

  test('another version of the product, and no worker: warnings, with exit code 0', async () => {
    const { code, found } = await examined(withKey(api.adminKey));
    expect(code).toBe(0);
    expect(found).toMatchObject({ api: { status: 'ok' }, clock: { status: 'ok' }, key: { status: 'ok', message: 'admin: admin' }, postgres: { status: 'ok' } });
    expect(found['version']).toMatchObject({ status: 'warn', message: expect.stringContaining('this program 0.0.0-test') });
    expect(found['workers']).toMatchObject({ status: 'warn', message: expect.stringContaining('no worker polls'), next: expect.stringContaining('start a worker') });
    expect(found[`queue ${api.deps.config.TEMPORAL_TASK_QUEUE}`]).toMatchObject({ status: 'warn', message: expect.stringContaining('nobody polls it') });
  });

  test('for people, each finding is a line with a mark, and what to do below it', async () => {
    const { stdout } = await datamcp(['doctor'], { variables: withKey(api.adminKey), cwd: emptyFolder });
    expect(stdout).toMatch(/^✓ postgres +healthy\n/m);
    expect(stdout).toMatch(/^! workers +no worker polls .*\n +≡?=? *accepted runs wait/m);
  });
});

describe('the key', () => {
  const keyOf = async (roles: string[], expiresAt: Date | null = null): Promise<string> => {
    const secret = newKeySecret();
    await insertKey(api.database.pool, { id: uuidv7(), hash: hashKey(secret), prefix: secret.slice(0, 12), subject: { type: 'service', name: 'ci' }, roles, groups: [], createdBy: 'test', expiresAt });
    return secret;
  };

  test.each([['no key', {}], ['a wrong key', { DATAMCP_API_KEY: 'dmcp_wrong' }]])('%s', async (_what, variables) => {
    const { code, found } = await examined({ DATAMCP_API_URL: api.url, ...variables });
    expect(code).toBe(3);
    expect(found['key']).toMatchObject({ status: 'fail', next: expect.stringContaining('DATAMCP_API_KEY') });
  });

  test('a key without roles, and one without the role to look', async () => {
    const none = await examined(withKey(await keyOf([])));
    expect(none.code).toBe(3);
    expect(none.found['key']).toMatchObject({ status: 'warn', message: 'ci: no roles' });
    expect(none.found['health']).toMatchObject({ status: 'fail', message: expect.stringContaining('viewer'), next: expect.stringContaining('viewer') });
  });

  test('a key that expires soon', async () => {
    const { code, found } = await examined(withKey(await keyOf(['viewer'], new Date(Date.now() + 3_600_000))));
    expect(code).toBe(0);
    expect(found['key']).toMatchObject({ status: 'warn', message: expect.stringMatching(/expires in 59 m/) });
  });
});

describe('the components', () => {
  test('a run of which nothing is heard, and a host that calls are held back from', async () => {
    const { pool } = api.database;
    await pool.query(`insert into plans (hash, bytes, tasks, body) values ('h', 2, 0, '{}')`);
    await pool.query(
      `insert into runs (id, pipeline, version, plan_hash, trigger, requested_by, workflow_id, progress, admitted_at)
       values ($1, 'silent', 1, 'h', '{"type":"api"}', 'test', 'w', '{}', now() - interval '2 minutes')`, [uuidv7()]);
    const report: WorkerReport = { identity: 'w1', version: '1', lagMs: 20, queues: [], circuits: [{ host: 'far.example:443', status: 'open' }] };
    await pool.query('select pg_notify($1, $2)', [workerReportChannel, 'no report']);
    await pool.query('select pg_notify($1, $2)', [workerReportChannel, JSON.stringify(report)]);
    const { code, found } = await examined(withKey(api.adminKey));
    expect(code).toBe(0);
    expect(found['readModel']).toMatchObject({ status: 'warn', message: expect.stringContaining('nothing was heard of it') });
    expect(found['circuits']).toMatchObject({ status: 'warn', message: 'calls are held back from far.example:443' });
    expect(found['workers']).toMatchObject({ status: 'ok', message: expect.stringContaining('last seen 0 s ago') });
  });

  test('the disk of the artifacts is nearly full', async () => {
    const check = jest.spyOn(api.deps.files.contents, 'check').mockResolvedValue({ freeBytes: 100 * 1024 ** 2 });
    const { code, found } = await examined(withKey(api.adminKey));
    check.mockRestore();
    expect(code).toBe(0);
    expect(found['artifacts']).toMatchObject({ status: 'warn', message: 'its disk is nearly full: 100 MiB are left', next: expect.stringContaining('room') });
  });

  test('Temporal, the mail server and the artifact store are away: degraded; Postgres: unhealthy, with exit code 3', async () => {
    const [temporal, postgres] = await Promise.all([Wire.to(testTemporal().address), Wire.to(new URL(api.database.url).host)]);
    const troubled = await TestApi.start(
      { TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`, SMTP_URL: 'smtp://127.0.0.1:9', DATAMCP_ARTIFACTS: '/dev/null/artifacts' },
      (address) => Object.assign(new URL(address), { host: `127.0.0.1:${postgres.port}` }).toString());
    const variables = { DATAMCP_API_URL: troubled.url, DATAMCP_API_KEY: troubled.adminKey };
    try {
      await troubled.call('GET', '/readyz');
      temporal.cut();
      const degraded = await examined(variables);
      expect(degraded.code).toBe(0);
      for (const [name, advice] of [['temporal', 'TEMPORAL_ADDRESS'], ['mail', 'SMTP_URL'], ['artifacts', 'DATAMCP_ARTIFACTS'], ['queues', 'TEMPORAL_ADDRESS']] as const) {
        expect(degraded.found[name]).toMatchObject({ status: 'warn', next: expect.stringContaining(advice) });
      }
      postgres.cut();
      const broken = await examined(variables);
      expect(broken.code).toBe(3);
      expect(broken.found['postgres']).toMatchObject({ status: 'fail', next: expect.stringContaining('DATABASE_URL') });
      const unknown = await examined({ ...variables, DATAMCP_API_KEY: newKeySecret() });
      expect(Object.keys(unknown.found)).toEqual(['config', 'api', 'clock', 'postgres']);
      expect(unknown.found['postgres']).toMatchObject({ status: 'fail', next: expect.stringContaining('DATABASE_URL') });
    } finally {
      temporal.mend();
      postgres.mend();
      // Calls that are tried again would find their channel closed.
      while ((await examined(variables)).found['temporal']?.status !== 'ok') await new Promise((resolve) => setTimeout(resolve, 100));
      await troubled.close();
      temporal.close();
      postgres.close();
    }
  });
});

describe('the local stack', () => {
  const endedProcess = 2 ** 22 - 3;
  const stackOf = (content: object, mode = 0o600): string => {
    const folder = mkdtempSync(join(emptyFolder, 'stack-'));
    mkdirSync(join(folder, '.datamcp'));
    writeFileSync(join(folder, '.datamcp', 'stack.json'), JSON.stringify({ apiUrl: api.url, apiKey: api.adminKey, ...content }), { mode });
    return folder;
  };
  const { pid } = process;
  const addresses = { temporalAddress: '127.0.0.1:9', databaseUrl: 'postgresql://u@127.0.0.1:9/d', mailUrl: null, temporalUiUrl: null };
  const pids = { supervisor: pid, api: pid, workers: [pid], temporal: pid, postgres: pid, mail: null };

  test('a stack that has ended without taking its file along', async () => {
    const { code, found } = await examined({}, stackOf({ ...addresses, pids: { ...pids, supervisor: endedProcess } }));
    expect(code).toBe(3);
    expect(found['stack']).toMatchObject({ status: 'fail', message: expect.stringContaining('has ended'), next: expect.stringContaining('npm start') });
  });

  test('a part that is gone, a port on which nobody listens, and a key that others can read', async () => {
    const { code, found } = await examined({}, stackOf({ ...addresses, pids: { ...pids, workers: [endedProcess] } }, 0o644));
    expect(code).toBe(3);
    expect(found['config']).toMatchObject({ status: 'warn', next: expect.stringContaining('chmod 600') });
    expect(found['stack']).toMatchObject({ status: 'warn', message: expect.stringContaining(`worker (${endedProcess})`) });
    expect(found['port 9']).toMatchObject({ status: 'fail', message: expect.stringContaining('cannot be reached at 127.0.0.1:9'), next: expect.stringContaining('.datamcp/logs') });
    expect(found['disk']?.message).toMatch(/are left/);
  });

  test('a stack that is well, and one of another version', async () => {
    const { host } = new URL(api.url);
    const well = await examined({}, stackOf({ ...addresses, temporalAddress: host, databaseUrl: `postgresql://u@${host}/d`, pids }));
    expect(well.found).toMatchObject({ config: { status: 'ok' }, stack: { status: 'ok' }, [`port ${new URL(api.url).port}`]: { status: 'ok' } });
    expect((await examined({}, stackOf({}))).found['stack']).toMatchObject({ status: 'warn', message: expect.stringContaining('another version') });
  });
});
