// Two APIs and two workers beside the cluster, as an installation with replicas has them.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';

const require = createRequire(import.meta.url);
const { startNodeProcess } = require('../../dist/devstack/node-process.js');
const { freePort } = require('../../dist/devstack/processes.js');

const firstPort = 18_080;

/** @returns urls of the APIs, an admin key, process ids by part, and `stop` */
export async function startMembers({ temporalAddress, databaseUrl }, folder, { apis, workers }) {
  const key = `dmcp_${randomBytes(32).toString('hex')}`;
  const shared = {
    PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, LOG_LEVEL: 'warn',
    DATAMCP_ENV: 'production', DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'), DATAMCP_BOOTSTRAP_ADMIN_KEY: key,
    DATAMCP_ARTIFACTS: join(folder, 'artifacts'), DATAMCP_SHUTDOWN_GRACE_MS: '5000',
  };
  const members = [];
  const start = async (part, script, number) => {
    const port = await freePort(firstPort, members.map((member) => member.port));
    const url = `http://127.0.0.1:${port}`;
    const running = await startNodeProcess({
      name: part, script: join(root, 'dist', script, 'main.js'), cwd: folder, readyUrl: `${url}/readyz`, graceMs: 12_000,
      logFile: join(folder, 'logs', `${part}-${number}.log`),
      env: { ...shared, DATAMCP_API_PORT: String(port), DATAMCP_WORKER_HEALTH_PORT: String(port) },
    });
    members.push({ part, port, url, running });
  };
  const stop = async () => { await Promise.all(members.map(({ running }) => running.stop())); };
  try {
    for (let number = 1; number <= apis; number += 1) await start('api', 'api', number);
    for (let number = 1; number <= workers; number += 1) await start('worker', 'workers', number);
  } catch (error) {
    await stop();
    throw error;
  }
  const pidsOf = (part) => members.filter((member) => member.part === part).map(({ running }) => running.pid);
  return { key, urls: members.filter(({ part }) => part === 'api').map(({ url }) => url), pids: { api: pidsOf('api'), worker: pidsOf('worker') }, stop };
}
