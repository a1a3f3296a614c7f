import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { postgresAccount, postgresProgram, type PostgresAccount, type PostgresProgram } from './postgres-program';
import { endOfLog, eventually, freePort, isAlive, sleep, startProgram, stopProcess, type Program } from './processes';
import { commandOf } from './left-over';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Folder of this server: data, password and log. Made if it does not exist. */
  dir: string;
  /** The first free port from here on is taken. */
  port?: number;
  /** Databases to make where they do not exist. */
  databases?: string[];
  /** False for a server that is thrown away: faster, and a power cut loses the data. */
  durable?: boolean;
  logFile?: string;
}

export interface PostgresServer {
  pid: number;
  port: number;
  /** Address of the first of `databases`. */
  url: string;
  urlOf(database: string): string;
  exited: Program['exited'];
  stop(): Promise<void>;
}

const user = 'datamcp';
const defaultPort = 54_320;
const readyTimeoutMs = 60_000;
/** Several servers may look for a port at the same moment, and only one of them gets it. */
const startAttempts = 4;

const commonSettings = {
  listen_addresses: '127.0.0.1',
  // No sockets in the file system: their folder would have to be shared, and its path is limited to a hundred characters.
  unix_socket_directories: '',
  max_connections: '300',
  'timezone': 'UTC',
};
// A client that gives up half way through its login would hold up the drop of a database for a minute, as it comes.
const throwawaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', authentication_timeout: '2s' };

/**
 * Starts the embedded Postgres on 127.0.0.1, making its data folder first where needed. A server that an earlier,
 * killed process left behind on the same folder is stopped first, and what it had committed is there.
 * @throws Error with the last lines of the log when it does not come up
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dir = resolve(options.dir);
  const logFile = options.logFile ?? join(dir, 'postgres.log');
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o711);
  const program = await postgresProgram();
  const account = await postgresAccount([join(dir, 'data'), program.postgres]);
  const password = await initialise(dir, program, account);
  await stopLeftOver(join(dir, 'data'));
  const server = await startOnFreePort(dir, logFile, program, account, password, options);
  await Promise.all((options.databases ?? []).map((database) => makeDatabase(server.urlOf('postgres'), database)));
  return server;
}

/** Makes the data folder beside its place and moves it there when complete, so that a kill in between leaves nothing half made. */
async function initialise(dir: string, program: PostgresProgram, account: PostgresAccount): Promise<string> {
  const passwordFile = join(dir, 'password');
  if (existsSync(join(dir, 'data'))) return readFile(passwordFile, 'utf8');
  await removeUnfinished(dir);
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });

  const unfinished = join(dir, `unfinished-${process.pid}`);
  await mkdir(unfinished, { mode: 0o700 });
  const passwordCopy = join(dir, `unfinished-${process.pid}-password`);
  await writeFile(passwordCopy, password, { mode: 0o600 });
  if (account.owner) for (const path of [unfinished, passwordCopy]) await chown(path, account.owner.uid, account.owner.gid);
  const { command, args, ...as } = account.wrap(program.initdb, [
    '--pgdata', unfinished, '--username', user, '--pwfile', passwordCopy, '--auth', 'scram-sha-256',
    // The same text order on every machine, whatever its locales are.
    '--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C',
    '--no-sync',
  ]);
  await run(command, args, { ...as, cwd: '/', env: { PATH: process.env['PATH'] } });
  await rm(passwordCopy);
  await rename(unfinished, join(dir, 'data'));
  return password;
}

async function removeUnfinished(dir: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.startsWith('unfinished-'));
  await Promise.all(names.map((name) => rm(join(dir, name), { recursive: true, force: true })));
}

/** The first line of `postmaster.pid` is the process, which may long be another one: hence the look at its command line. */
async function stopLeftOver(data: string): Promise<void> {
  const pidFile = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n')[0]);
  if (!(pid > 0) || !isAlive(pid) || !(await commandOf(pid)).includes(data)) return;
  await stopProcess(pid, { signals: ['SIGINT', 'SIGQUIT'] });
}

async function startOnFreePort(
  dir: string, logFile: string, program: PostgresProgram, account: PostgresAccount, password: string, options: PostgresOptions,
): Promise<PostgresServer> {
  const settings = { ...commonSettings, ...(options.durable === false ? throwawaySettings : {}) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let port = options.port ?? defaultPort;
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    port = await freePort(port);
    const { command, args, ...as } = account.wrap(program.postgres, ['-D', join(dir, 'data'), '-p', String(port), ...flags]);
    const running = await startProgram({ command, args, ...as, cwd: '/', env: { PATH: process.env['PATH'] }, logFile, stopSignal: 'SIGINT' });
    const urlOf = (database: string) => `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
    if (await isReady(running, urlOf('postgres'))) {
      const url = urlOf(options.databases?.[0] ?? 'postgres');
      return { pid: running.pid, port, url, urlOf, exited: running.exited, stop: () => stopProcess(running.pid, { signals: ['SIGINT', 'SIGQUIT'] }) };
    }
    await stopProcess(running.pid, { signals: ['SIGINT', 'SIGQUIT'] });
    // After a kill, the children of the killed server hold its shared memory for a moment.
    await sleep(attempt * 300);
  }
  throw new Error(`Postgres did not start. ${endOfLog(logFile)}`);
}

async function isReady(running: Program, url: string): Promise<boolean> {
  const ready = await eventually(async () => {
    if (running.hasExited()) return false;
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    const answered = await client.connect().then(() => true, () => undefined);
    await client.end().catch(() => undefined);
    return answered;
  }, readyTimeoutMs);
  return ready === true;
}

async function makeDatabase(url: string, database: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
