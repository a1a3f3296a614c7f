import { eventually, lastLines, startProgram, stopProcess } from './processes';
import type { Running } from './supervisor';

export interface NodeProcessOptions {
  /** For messages. */
  name: string;
  script: string;
  cwd: string;
  env: Record<string, string | undefined>;
  logFile: string;
  /** Answers 2xx when the process is ready. */
  readyUrl: string;
  /** A program with its arguments that gives its process to ours: `unshare …`, say. */
  launcher?: readonly string[];
  /** Time that the process has to end in good order. */
  graceMs: number;
}

const readyTimeoutMs = 60_000;

/**
 * Starts one of our own processes and waits until it is ready.
 * @throws Error with the last lines of its log
 */
export async function startNodeProcess(options: NodeProcessOptions): Promise<Running> {
  const { name, script, logFile, launcher = [] } = options;
  const [command = process.execPath, ...args] = [...launcher, process.execPath, script];
  const program = await startProgram({
    command,
    args,
    cwd: options.cwd,
    env: options.env,
    logFile,
    stopSignal: 'SIGTERM',
  });
  const ready = await eventually(async () => (program.hasExited() ? false : await isReady(options.readyUrl)), readyTimeoutMs, 100);
  if (ready) return { pid: program.pid, exited: program.exited, stop: () => stopProcess(program.pid, { graceMs: options.graceMs }) };
  const how = program.hasExited() ? `ended (${await program.exited})` : `was not ready after ${readyTimeoutMs / 1_000} s (${options.readyUrl})`;
  await stopProcess(program.pid, { graceMs: 2_000 });
  throw new Error(`${name} ${how}. Its log (${logFile}) ends with:\n${lastLines(logFile, program)}`);
}

async function isReady(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ? true : undefined;
}
