import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../../devstack/processes';
import { packageRoot } from '../../platform/package-root';
import { testTemporal } from '../harness/temporal';

let folder: string;
let other: Server;
let port: string;
let freeOne: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'datamcp-taken-port-'));
  other = createServer((_, response) => response.end('of another clone')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  freeOne = String(await freePort(24_000 + Math.floor(Math.random() * 5_000)));
  port = String(typeof address === 'object' ? address?.port : undefined);
});
afterAll(async () => {
  other.close();
  await rm(folder, { recursive: true });
});

/** Nothing answers there: a port is looked for before a database. */
const databaseUrl = 'postgresql://nobody:nothing@127.0.0.1:1/none';

// The local stack takes other ports then, and whoever runs the process by himself reads why it ended.
test.each([
  ['the API', 'api/main.js', { DATAMCP_API_PORT: () => port }, /127\.0\.0\.1, port \d+ \(DATAMCP_API_HOST, DATAMCP_API_PORT\): .*EADDRINUSE/],
  ['a worker', 'workers/main.js', { DATAMCP_WORKER_HEALTH_PORT: () => port }, /\(DATAMCP_WORKER_HEALTH_HOST, DATAMCP_WORKER_HEALTH_PORT\): .*EADDRINUSE/],
  ['the mail catcher, for its inbox', 'devstack/mail-catcher/main.js', { MAIL_HTTP_PORT: () => port, MAIL_SMTP_PORT: () => freeOne }, /EADDRINUSE/],
  ['the mail catcher, for SMTP', 'devstack/mail-catcher/main.js', { MAIL_SMTP_PORT: () => port, MAIL_HTTP_PORT: () => freeOne }, /EADDRINUSE/],
])('%s ends at once when its port is taken', async (_, script, ports, why) => {
  const process_ = spawn(process.execPath, [join(packageRoot(), 'dist', script)], {
    timeout: 20_000,
    env: {
      DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: testTemporal().address, MAIL_DIR: folder, DATAMCP_ARTIFACTS: folder,
      ...Object.fromEntries(Object.entries(ports).map(([name, value]) => [name, value()])),
    },
  });
  const ended = new Promise<number | null>((resolve) => process_.once('close', resolve));
  expect(await text(process_.stderr)).toMatch(why);
  expect(await ended).toBe(1);
});
