import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventually, isAlive } from '../../devstack/processes';
import { readStackFile, type StackFile } from '../../devstack/stack-file';
import { testEnvironment } from '../harness/environment';

const root = resolve(__dirname, '..', '..');
const bootTimeoutMs = 60_000;

/** A folder for everything that one stack keeps. */
export function stackHome(): string {
  const home = mkdtempSync(join(testEnvironment().TEST_DIR, 'stack-'));
  chmodSync(home, 0o711);
  return home;
}

export interface Command {
  child: ChildProcess;
  /** What it wrote so far. */
  output(): string;
  exited: Promise<number | NodeJS.Signals | null>;
}

/** `npm start -- <args>` on a folder of its own. */
export function npmStart(home: string, args: string[] = ['--no-demo']): Command {
  const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), ...args], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DATAMCP_STACK_HOME: home, NODE_ENV: undefined },
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => { output += piece.toString(); });
  child.stderr.on('data', (piece: Buffer) => { output += piece.toString(); });
  const exited = new Promise<number | NodeJS.Signals | null>((settle) => child.once('exit', (code, signal) => settle(code ?? signal)));
  return { child, output: () => output, exited };
}

/** The stack file, once the stack says that it is up. @throws Error with its output when it does not come up */
export async function untilUp(home: string, command: Command): Promise<StackFile> {
  const up = await eventually(() => (command.output().includes('The stack is up') || command.child.exitCode !== null ? true : undefined), bootTimeoutMs);
  const file = up && command.child.exitCode === null ? await readStackFile(join(home, '.datamcp')) : undefined;
  if (!file) throw new Error(`The stack did not come up:\n${command.output()}`);
  return file;
}

/** The stack file as soon as it satisfies the condition. */
export const stackFileWhere = (home: string, condition: (file: StackFile) => boolean): Promise<StackFile | undefined> =>
  eventually(async () => {
    const file = await readStackFile(join(home, '.datamcp'));
    return file && condition(file) ? file : undefined;
  }, 20_000);

export const pidsOf = ({ pids }: StackFile): number[] =>
  [pids.supervisor, pids.api, pids.temporal, pids.postgres, pids.mail, ...pids.workers].filter((pid) => pid !== null);

/** Waits until none of the processes lives; returns those that do after all. */
export async function survivors(pids: number[], timeoutMs: number): Promise<number[]> {
  await eventually(() => (pids.some(isAlive) ? undefined : true), timeoutMs);
  return pids.filter(isAlive);
}

/** A call of the stack's API with its own key. */
export async function call(file: StackFile, method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${file.apiUrl}${path}`, {
    method, headers: { authorization: `Bearer ${file.apiKey}`, ...headers }, ...(body !== undefined && { body }),
  });
  return { status: response.status, json: await response.json() };
}
