import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, sendSignal, startProgram, stopProcess, type Program } from '../devstack/processes';
import { readStackFile } from '../devstack/stack-file';
import { packageRoot } from '../platform/package-root';
import type { ApiAccess } from './http-client';

const bootTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const lookEveryMs = 10;

/** What npm sets for its scripts would tell the inner npm that it runs inside of one. */
const environment = (home: string): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))), DATAMCP_STACK_HOME: home,
});

/** `npm start -- --no-demo` in this clone, which is installed and built, on an empty folder of its own. */
export class InstalledStack {
  private constructor(private readonly home: string, private readonly npm: Program) {}

  static async start(): Promise<InstalledStack> {
    const root = packageRoot();
    const home = join(root, '.datamcp', 'bench-installed');
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    const npm = await startProgram({
      command: 'npm', args: ['start', '--', '--no-demo'], cwd: root, env: environment(home),
      logFile: join(home, 'npm-start.log'), stopSignal: 'SIGTERM',
    });
    return new InstalledStack(home, npm);
  }

  /** Of npm: all others descend from it. */
  get pid(): number {
    return this.npm.pid;
  }

  /** Where the API is, as soon as the stack says so. @throws Error that names the log when it does not come up */
  async access(): Promise<ApiAccess> {
    const file = await eventually(async () => (this.npm.hasExited() ? false : await readStackFile(join(this.home, '.datamcp'))), bootTimeoutMs, lookEveryMs);
    if (!file) throw new Error(`The stack did not come up: see ${join(this.home, 'npm-start.log')}`);
    return file;
  }

  /** All that belongs to it, in order, and then what it kept. */
  async stop(): Promise<void> {
    // npm, its shell and the supervisor are one process group; the supervisor is the last of them to end.
    sendSignal(-this.npm.pid, 'SIGTERM');
    await eventually(() => (groupLives(this.npm.pid) ? undefined : true), stopTimeoutMs);
    await stopProcess(this.npm.pid);
    await rm(this.home, { recursive: true, force: true });
  }
}

function groupLives(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Does something with a stack that is stopped afterwards, whatever comes of it. @throws the reason of `stopped` */
export async function withInstalledStack<T>(stopped: AbortSignal, work: (stack: InstalledStack) => Promise<T>): Promise<T> {
  const stack = await InstalledStack.start();
  const giveUp = new AbortController();
  try {
    const interrupted = once(stopped, 'abort', { signal: giveUp.signal }).then(() => { throw stopped.reason; });
    return await Promise.race([work(stack), interrupted]);
  } finally {
    giveUp.abort();
    await stack.stop();
  }
}
