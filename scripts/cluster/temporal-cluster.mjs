// Temporal's real server on Postgres, with the settings of docker-compose.yml: what containers would run, by hand.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { root } from '../bootstrap.mjs';

const require = createRequire(import.meta.url);
const { startPostgres } = require('../../dist/devstack/postgres.js');
const { eventually, freePort, lastLines, startProgram, stopProcess } = require('../../dist/devstack/processes.js');
const { makeTemporalClient, prepareNamespace } = require('../../dist/platform/temporal.js');
const { loadConfig } = require('../../dist/platform/config.js');

const run = promisify(execFile);
const firstPort = 17_233;
const readyTimeoutMs = 60_000;
const portVariables = ['FRONTEND', 'HISTORY', 'MATCHING', 'WORKER'].flatMap((service) => [`${service}_GRPC_PORT`, `${service}_MEMBERSHIP_PORT`]).concat('FRONTEND_HTTP_PORT');

/** Environment of a service of docker-compose.yml, with the one secret that it is given. */
function composeEnvironment(service, password) {
  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  const filled = Object.entries(services[service].environment).map(([name, value]) => [name, value.replace(/^\$\{POSTGRES_PASSWORD:\?.*\}$/, password)]);
  return Object.fromEntries(filled);
}

/** Runs the script of the service `temporal-schema`, twice: a start over an existing schema must change nothing. */
async function makeSchema(programs, folder, { port, password }) {
  const tools = join(folder, 'tools');
  rmSync(tools, { recursive: true, force: true });
  mkdirSync(tools, { recursive: true });
  // The name that it has in Temporal's own image.
  symlinkSync(join(programs, 'sql'), join(tools, 'temporal-sql-tool'));
  const env = { ...composeEnvironment('temporal-schema', password), SQL_HOST: '127.0.0.1', SQL_PORT: String(port), PATH: [tools, process.env.PATH].join(delimiter) };
  for (let time = 0; time < 2; time += 1) await run('sh', [join(root, 'deploy', 'compose', 'temporal-schema.sh')], { env, maxBuffer: 64 * 1024 * 1024 });
}

async function freePorts() {
  const ports = {};
  let next = firstPort;
  for (const name of portVariables) {
    ports[name] = String(await freePort(next));
    next = Number(ports[name]) + 1;
  }
  return ports;
}

/** A namespace and search attributes are what shows that all four services have found each other. */
async function isReady(address) {
  const client = makeTemporalClient(loadConfig({ DATABASE_URL: 'postgresql://unused', TEMPORAL_ADDRESS: address }));
  return prepareNamespace(client, 0).then(() => true, () => undefined).finally(() => client.connection.close());
}

async function startServer(programs, folder, { port, password }, shards) {
  const ports = await freePorts();
  const logFile = join(folder, 'logs', 'temporal.log');
  const server = await startProgram({
    command: join(programs, 'server'), args: ['--allow-no-auth', 'start'], cwd: folder, logFile, stopSignal: 'SIGTERM',
    env: {
      PATH: process.env.PATH, LOG_LEVEL: 'warn', ...composeEnvironment('temporal', password), ...ports,
      POSTGRES_SEEDS: '127.0.0.1', DB_PORT: String(port), BIND_ON_IP: '127.0.0.1', TEMPORAL_BROADCAST_ADDRESS: '127.0.0.1', PROMETHEUS_ENDPOINT: '',
      NUM_HISTORY_SHARDS: String(shards), DYNAMIC_CONFIG_FILE_PATH: join(root, 'deploy', 'compose', 'temporal-dynamic-config.yaml'),
    },
  });
  const address = `127.0.0.1:${ports.FRONTEND_GRPC_PORT}`;
  const ready = await eventually(async () => (server.hasExited() ? false : await isReady(address)), readyTimeoutMs, 500);
  if (ready) return { address, pid: server.pid, stop: () => stopProcess(server.pid) };
  await stopProcess(server.pid);
  throw new Error(`Temporal's server did not get ready. Its log (${logFile}) ends with:\n${lastLines(logFile, server)}`);
}

/**
 * Starts Postgres and the server from empty folders.
 * @returns addresses and process ids of both, and `stop`
 */
export async function startCluster(programs, folder, shards) {
  const dir = join(folder, 'postgres');
  rmSync(dir, { recursive: true, force: true });
  const postgres = await startPostgres({ dir, port: 55_432, databases: ['datamcp'], logFile: join(folder, 'logs', 'postgres.log') });
  try {
    const access = { port: postgres.port, password: new URL(postgres.url).password };
    await makeSchema(programs, folder, access);
    const server = await startServer(programs, folder, access, shards);
    return {
      temporalAddress: server.address, temporalPid: server.pid, postgresPid: postgres.pid, databaseUrl: postgres.url,
      stop: async () => { await server.stop(); await postgres.stop(); rmSync(dir, { recursive: true, force: true }); },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
