import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { searchAttributes } from '../domain/search-attributes';
import { namespaceRetentionDays } from '../platform/namespace-retention';
import { commandOf } from './left-over';
import { endOfLog, eventually, freePort, isAlive, sleep, startProgram, stopProcess, type Program } from './processes';
import type { TemporalProgram } from './temporal-program';

export interface TemporalOptions {
  /** Folder of this server: log, process id and, unless `inMemory`, its database. Made if it does not exist. */
  dir: string;
  inMemory?: boolean;
  ui?: boolean;
  /** The first free ports from here on are taken. */
  port?: number;
  uiPort?: number;
  logFile?: string;
  /** Made with the server, and its search attributes with it: a server that runs takes seconds to know a new one. */
  namespace?: string;
}

export interface TemporalServer {
  pid: number;
  /** host:port of the frontend. */
  address: string;
  uiUrl?: string;
  exited: Program['exited'];
  stop(): Promise<void>;
}

const defaultPort = 7233;
const defaultUiPort = 8233;
const readyTimeoutMs = 60_000;
const startAttempts = 5;

/**
 * What made the difference when measured on two cores, beside what the dev server does as it comes. Without them every
 * step waits 50 ms for its queue, a timer of a millisecond takes a second, wide fan-outs lose workflow tasks, timers of
 * a workflow that gets many signals fire minutes late, and priority and fairness are not strict.
 */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': '1000',
  'history.timerProcessorMaxTimeShift': '"10ms"',
  'history.maximumBufferedEventsBatch': '50000',
  'history.cacheNonUserContextLockTimeout': '"5s"',
  'matching.enableFairness': 'true',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'frontend.WorkflowPauseEnabled': 'true',
};
/** Three times the tasks a second on a file, and still nothing is lost when the process is killed. */
const pragmas = ['journal_mode=wal', 'synchronous=1'];
/** As the server's command line takes them. */
const typeNames = { KEYWORD: 'Keyword', INT: 'Int' } as const;
const attributes = Object.values(searchAttributes).map(({ name, type }) => `${name}=${typeNames[type]}`);

/**
 * Starts Temporal's development server on 127.0.0.1, in memory or on a file. A server that an earlier, killed process
 * left behind on the same file is stopped first.
 * @throws Error with the last lines of the log when it does not come up
 */
export async function startTemporal(program: TemporalProgram, options: TemporalOptions): Promise<TemporalServer> {
  const dir = resolve(options.dir);
  const database = options.inMemory ? undefined : join(dir, 'temporal.db');
  const logFile = options.logFile ?? join(dir, 'temporal.log');
  await mkdir(dir, { recursive: true });
  if (database) await stopLeftOver(dir, database);

  let port = options.port ?? defaultPort;
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    port = await freePort(port);
    const uiPort = options.ui ? await freePort(options.uiPort ?? defaultUiPort, [port]) : undefined;
    const running = await startProgram({ command: program.file, args: commandLine(port, uiPort, database, options.namespace), logFile, stopSignal: 'SIGTERM' });
    await writeFile(join(dir, 'temporal.pid'), String(running.pid));
    const address = `127.0.0.1:${port}`;
    if (await isReady(running, port, logFile)) {
      if (options.namespace !== undefined) await keepHistories(program, address, options.namespace);
      return {
        pid: running.pid, address, exited: running.exited, stop: () => stopProcess(running.pid),
        ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }),
      };
    }
    await stopProcess(running.pid);
    await sleep(attempt * 300);
  }
  throw new Error(`The Temporal server (${program.file}, ${program.origin}) did not start. ${endOfLog(logFile)}`);
}

function commandLine(port: number, uiPort: number | undefined, database: string | undefined, namespace: string | undefined): string[] {
  return [
    'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error',
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(database === undefined ? [] : ['--db-filename', database, ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])]),
    ...(namespace === undefined ? [] : ['--namespace', namespace, ...attributes.flatMap((attribute) => ['--search-attribute', attribute])]),
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
  ];
}

/** The server gives a namespace that it makes with itself a retention of one day. */
async function keepHistories(program: TemporalProgram, address: string, namespace: string): Promise<void> {
  await promisify(execFile)(program.file, ['operator', 'namespace', 'update', '--address', address, '--namespace', namespace, '--retention', `${namespaceRetentionDays}d`]);
}

/** The process id may long be another program's: hence the look at its command line. */
async function stopLeftOver(dir: string, database: string): Promise<void> {
  const pid = Number(await readFile(join(dir, 'temporal.pid'), 'utf8').catch(() => ''));
  if (pid > 0 && isAlive(pid) && (await commandOf(pid)).includes(database)) await stopProcess(pid);
}

const readyMark = /Server:\s/;

/**
 * The log is asked first, because the port alone may be answered by the server of another clone that was quicker: then
 * ours ends a moment later.
 */
async function isReady(running: Program, port: number, logFile: string): Promise<boolean> {
  const ready = await eventually(async () => {
    if (running.hasExited()) return false;
    const said = (await readFile(logFile)).subarray(running.logStart).toString();
    if (!readyMark.test(said)) return undefined;
    return (await accepts(port)) ? true : undefined;
  }, readyTimeoutMs);
  return ready === true;
}

/** Whether somebody takes connections there. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
