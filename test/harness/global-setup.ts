import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { migrate } from '../../db/migrate';
import { startPostgres, type PostgresServer } from '../../devstack/postgres';
import { isAlive } from '../../devstack/processes';
import { startTemporal, type TemporalServer } from '../../devstack/temporal';
import { temporalProgram } from '../../devstack/temporal-program';
import { loadConfig } from '../../platform/config';
import { makeLogger } from '../../platform/logger';
import { makePool } from '../../platform/postgres';
import { makeTemporalClient, prepareNamespace } from '../../platform/temporal';
import { templateDatabase, type TestEnvironment } from './environment';

export interface TestStack {
  dir: string;
  postgres: PostgresServer;
  /** Undefined when the run was given a server that others started. */
  temporal: TemporalServer | undefined;
}

declare global {
  var testStack: TestStack | undefined;
}

const buildScript = join(__dirname, '..', '..', 'scripts', 'build.mjs');

/**
 * The build, and one Postgres and one Temporal server in memory for the whole test run. If Jest is killed, they end by themselves.
 * With `TEST_TEMPORAL_ADDRESS` the tests run on that server instead: `npm run cluster` gives them a real one.
 */
export default async function globalSetup(): Promise<void> {
  removeLeftOvers();
  const dir = mkdtempSync(join(tmpdir(), `datamcp-test-${process.pid}-`));
  // Postgres may have to run as another user, who must be able to pass.
  chmodSync(dir, 0o711);
  const given = process.env['TEST_TEMPORAL_ADDRESS'];
  const [postgres, temporal] = await Promise.all([
    bootPostgres(dir), given === undefined ? bootTemporal(dir) : undefined, promisify(execFile)(process.execPath, [buildScript]),
  ]);
  globalThis.testStack = { dir, postgres, temporal };
  const environment: TestEnvironment = {
    TEST_POSTGRES_URL: postgres.urlOf('postgres'),
    TEST_TEMPORAL_ADDRESS: temporal?.address ?? given ?? '',
    TEST_TEMPORAL_NAMESPACE: 'datamcp',
    TEST_DIR: dir,
  };
  Object.assign(process.env, environment);
}

/** Folders of test runs that were killed. */
function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^datamcp-test-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Below the range from which the operating system hands out ports, and seldom the same for two test runs. */
const somePort = (from: number): number => from + Math.floor(Math.random() * 4_000);

async function bootPostgres(dir: string): Promise<PostgresServer> {
  const server = await startPostgres({
    dir: join(dir, 'postgres'), port: somePort(20_000), databases: [templateDatabase], durable: false,
  });
  const pool = makePool({ DATABASE_URL: server.url, DATAMCP_DATABASE_POOL: 2 }, makeLogger('error', 'test'));
  await migrate(pool).finally(() => pool.end());
  return server;
}

async function bootTemporal(dir: string): Promise<TemporalServer> {
  const program = await temporalProgram((line) => process.stderr.write(`${line}\n`));
  const server = await startTemporal(program, { dir: join(dir, 'temporal'), inMemory: true, port: somePort(25_000) });
  const client = makeTemporalClient(loadConfig({ DATABASE_URL: 'postgresql://unused', TEMPORAL_ADDRESS: server.address }));
  await prepareNamespace(client).finally(() => client.connection.close());
  return server;
}
