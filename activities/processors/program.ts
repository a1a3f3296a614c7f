import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { AppError } from '../../domain/errors';

export interface ProgramCall {
  /** Absolute path: nothing is searched for, and no shell reads it. */
  path: string;
  args: string[];
  /** The whole environment: nothing of this process is added. */
  env: Record<string, string>;
  cwd: string;
  /** Aborted, it ends the program and its children. */
  signal: AbortSignal;
  /** Time from SIGTERM to SIGKILL in milliseconds. */
  graceMs: number;
  onStdout: (text: string) => void;
  onStderr: (text: string) => void;
}

export interface ProgramEnd {
  exitCode: number | null;
  /** The signal that ended it, if one did. */
  signal: NodeJS.Signals | null;
}

/** Groups of programs that run now: none outlives this process when that ends in its own time. */
const groups = new Set<number>();
process.on('exit', () => { for (const group of groups) signalGroup(group, 'SIGKILL'); });

const pollMs = 20;
/** How long output may come after the program and its group have ended: a process that left the group may hold the pipe. */
const lateOutputMs = 1_000;

/**
 * Runs a program in a process group of its own, to its end. What it leaves running in the group is ended, too: at once
 * when the program has ended by itself, else by SIGTERM, the grace time, and SIGKILL.
 * @throws AppError `input_invalid`, `program_failed` when it cannot be started
 */
export async function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const child = await start(call);
  const group = child.pid ?? 0;
  groups.add(group);
  const closed = once(child, 'close');
  read(child.stdout, call.onStdout);
  read(child.stderr, call.onStderr);
  const ending = new AbortController();
  const stop = (): void => { void stopGroup(group, call.graceMs, ending.signal); };
  call.signal.addEventListener('abort', stop, { once: true });
  if (call.signal.aborted) stop();
  try {
    const end = await endOf(child);
    if (call.signal.aborted) await groupEnded(group, call.graceMs);
    signalGroup(group, 'SIGKILL');
    await Promise.race([closed, sleep(lateOutputMs, undefined, { signal: ending.signal }).catch(() => undefined)]);
    return end;
  } finally {
    call.signal.removeEventListener('abort', stop);
    ending.abort();
    child.stdout?.destroy();
    child.stderr?.destroy();
    groups.delete(group);
  }
}

async function start({ path, args, env, cwd }: ProgramCall): Promise<ChildProcess> {
  try {
    // `detached` makes it the leader of a group, which can be ended as a whole.
    const child = spawn(path, args, { cwd, env, detached: true, shell: false, stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw startFailure(path, error);
  }
}

function startFailure(path: string, error: unknown): AppError {
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  // A NUL, or more than the system takes as arguments and environment.
  if (code === 'ERR_INVALID_ARG_VALUE' || code === 'E2BIG') {
    return new AppError('input_invalid', `the arguments or the environment of ${path} cannot be passed on (${code})`, { cause: error });
  }
  const isPassing = code === 'EAGAIN' || code === 'ENOMEM' || code === 'EMFILE';
  return new AppError('program_failed', `${path} cannot be started (${code || String(error)})`, { retryable: isPassing, cause: error });
}

const endOf = (child: ChildProcess): Promise<ProgramEnd> => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) return resolve({ exitCode: child.exitCode, signal: child.signalCode });
  child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
});

function read(stream: Readable | null, take: (text: string) => void): void {
  stream?.setEncoding('utf8').on('data', take).on('error', () => undefined);
}

async function stopGroup(group: number, graceMs: number, ended: AbortSignal): Promise<void> {
  signalGroup(group, 'SIGTERM');
  await sleep(graceMs, undefined, { signal: ended }).then(() => signalGroup(group, 'SIGKILL'), () => undefined);
}

/** The program has ended; its children have the rest of the grace time. */
async function groupEnded(group: number, graceMs: number): Promise<void> {
  const giveUpAt = Date.now() + graceMs;
  while (signalGroup(group, 0) && Date.now() < giveUpAt) await sleep(pollMs);
}

/** Whether there was anyone to signal. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
