import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { dirname } from 'node:path';
import { hasCode } from './system-error';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `probe` every `everyMs` until it returns something; undefined when `timeoutMs` is over. */
export async function eventually<T>(probe: () => Promise<T | undefined> | T | undefined, timeoutMs: number, everyMs = 50): Promise<T | undefined> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined || Date.now() >= giveUpAt) return found;
    await sleep(everyMs);
  }
}

/** Whether a process of that id runs. A zombie does not: where nothing reaps orphans it would seem to live for ever. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/** Sends a signal to a process that may have ended already. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

/** Asks a process to end with each signal in turn, waiting `graceMs` after each; the last one is SIGKILL to its group. */
export async function stopProcess(pid: number, options: { signals?: NodeJS.Signals[]; graceMs?: number } = {}): Promise<void> {
  const gone = () => (isAlive(pid) ? undefined : true);
  for (const name of options.signals ?? ['SIGTERM']) {
    sendSignal(pid, name);
    if (await eventually(gone, options.graceMs ?? 10_000)) return;
  }
  sendSignal(-pid, 'SIGKILL');
  sendSignal(pid, 'SIGKILL');
  await eventually(gone, 5_000);
}

/** A line on its input means "no longer needed"; the end of its input means that we died, however that happened. */
const guardScript = `
read -r line && exit 0
kill -s "$1" "$2" 2>/dev/null
for second in 1 2 3 4 5 6 7 8 9 10; do
  kill -0 "$2" 2>/dev/null || exit 0
  sleep 1
done
kill -s KILL -- "-$2" 2>/dev/null`;

/**
 * Makes sure that `child` does not outlive this process, not even when this one is killed with SIGKILL: a small shell
 * watches a pipe that only we hold open. Cheaper than asking every program, ours and others', to watch its parent.
 */
function guard(child: ChildProcess, name: NodeJS.Signals): void {
  const watcher = spawn('/bin/sh', ['-c', guardScript, 'guard', name.replace('SIG', ''), String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  child.once('exit', () => watcher.stdin.end('done\n'));
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
}

export interface ProgramOptions extends Pick<SpawnOptions, 'env' | 'uid' | 'gid' | 'cwd'> {
  command: string;
  args: string[];
  /** Both outputs are appended to this file: a program that outlives us must not fail on a broken pipe. */
  logFile: string;
  /** What ends the program in good order. */
  stopSignal: NodeJS.Signals;
  /** Whether it is a Node program that tells over a channel when it listens (`tellListening`). */
  tells?: boolean;
}

export interface Program {
  pid: number;
  /** Resolves when the program ended: its exit code, or the signal's name. */
  exited: Promise<number | string>;
  hasExited(): boolean;
  /** Whether it told that it listens; only of one that `tells`. */
  listens(): boolean;
  /** Where in the log file its own lines begin, in bytes. */
  logStart: number;
}

const keptLogBytes = 10 * 1024 * 1024;

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > keptLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches only us and we stop things in order.
 * @throws Error of the operating system when it cannot be started
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { command, args, logFile, stopSignal, tells = false, ...rest } = options;
  const log = openLog(logFile);
  const logStart = fstatSync(log).size;
  const child = spawn(command, args, { ...rest, detached: true, stdio: ['ignore', log, log, ...(tells ? ['ipc' as const] : [])] });
  closeSync(log);
  let ended = false;
  let listens = false;
  child.once('message', () => {
    listens = true;
    child.disconnect();
  });
  const exited = new Promise<number | string>((resolve) => child.once('exit', (code, name) => {
    ended = true;
    resolve(code ?? name ?? 'unknown');
  }));
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  guard(child, stopSignal);
  if (child.pid === undefined) throw new Error(`${command} has no process id`);
  return { pid: child.pid, exited, hasExited: () => ended, listens: () => listens, logStart };
}

const shownLines = 30;

/** Where the log of a program that failed is, and under it what it wrote last since it was started. */
export function endOfLog(file: string, program?: Program): string {
  const lines = lastLines(file, program);
  return lines === '' ? `It wrote nothing into its log, ${file}` : `Its log is ${file}\n${lines}`;
}

/** The last lines of what a program wrote into its log since it was started; empty when there are none. */
export function lastLines(file: string, program?: Program): string {
  try {
    const text = readFileSync(file).subarray(program?.logStart ?? 0).toString();
    return text.trimEnd().split('\n').slice(-shownLines).join('\n');
  } catch {
    return '';
  }
}

const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
});

const triedPorts = 50;

/** The first free port from `preferred` on, so that addresses stay the same from start to start where they can. */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  for (let port = preferred; port < preferred + triedPorts; port += 1) {
    if (!taken.includes(port) && await isFree(port)) return port;
  }
  throw new Error(`No free port from ${preferred} to ${preferred + triedPorts - 1}`);
}
