import { adviceOn } from './advice';
import { endOfLog, eventually, lastLines, startProgram, stopProcess, type Program } from './processes';
import { probe } from './probe';
import type { Running } from './supervisor';
import { hasCode } from './system-error';

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
  /**
   * Most MiB of each of the three parts of V8's young generation. It keeps what it once grew to, 16 as it comes, and a
   * start alone lets it grow that far.
   */
  youngMib?: number;
  /**
   * Arenas of the C library's allocator, each of which keeps what it once held. There are eight for each core as it comes.
   * Few are for processes without threads at work: queries of DuckDB took a seventh longer with two.
   */
  arenas?: number;
  /** Time that the process has to end in good order. */
  graceMs: number;
}

const portTakenCode = 'EADDRINUSE';
const readyTimeoutMs = 60_000;
const probeTimeoutMs = 2_000;

/** Whether `startNodeProcess` failed because somebody else took the port between the look for a free one and its use. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && (hasCode(error, portTakenCode) || isPortTaken(error.cause));
}

/**
 * Starts one of our own processes and waits until it is ready.
 * @throws Error with the last lines of its log
 */
export async function startNodeProcess(options: NodeProcessOptions): Promise<Running> {
  const { name, script, logFile, launcher = [], youngMib, arenas } = options;
  const flags = youngMib === undefined ? [] : [`--max-semi-space-size=${youngMib}`];
  const [command = process.execPath, ...args] = [...launcher, process.execPath, ...flags, script];
  const program = await startProgram({
    command,
    args,
    cwd: options.cwd,
    env: { ...(arenas !== undefined && { MALLOC_ARENA_MAX: String(arenas) }), ...options.env },
    logFile,
    stopSignal: 'SIGTERM',
    tells: true,
  });
  const ready = await eventually(async () => {
    if (program.hasExited()) return false;
    return (program.listens() && (await probe(options.readyUrl, probeTimeoutMs))?.ok) || undefined;
  }, readyTimeoutMs);
  if (ready) return { pid: program.pid, exited: explainedEnd(program, logFile), stop: () => stopProcess(program.pid, { graceMs: options.graceMs }) };
  const how = program.hasExited() ? `ended (${await program.exited})` : `was not ready after ${readyTimeoutMs / 1_000} s (${options.readyUrl})`;
  await stopProcess(program.pid, { graceMs: 2_000 });
  const log = endOfLog(logFile, program);
  const cause = log.includes(portTakenCode) ? Object.assign(new Error('Its port was taken'), { code: portTakenCode }) : undefined;
  throw new Error(`${name} ${how}. ${log}`, { cause });
}

/** Node without memory ends by SIGABRT, and why stands in the log alone. */
async function explainedEnd(program: Program, logFile: string): Promise<number | string> {
  const end = await program.exited;
  const advice = end === 'SIGABRT' ? adviceOn(lastLines(logFile, program)) : undefined;
  return advice === undefined ? end : `${end}: ${advice}`;
}
