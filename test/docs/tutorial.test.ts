import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../devstack/processes';
import { stackHome } from '../e2e/local-stack';
import { root, ShownText, stepsOf, textOf, type Step } from './document';

jest.setTimeout(90_000);

const bootTimeoutMs = 60_000;
const steps = stepsOf(textOf('docs/tutorial.md'));
const named = steps.map((step): [string, Step] => [step.commands.split('\n')[0] ?? '', step]);
const home = stackHome();
const shownText = new ShownText();

/** A shell in the folder that stands for the clone, where `npm start` and `npx datamcp` do what they do there. */
function shell(commands: string): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
  const child = spawn('sh', ['-ec', commands], {
    // A group of its own, for Ctrl-C.
    cwd: home, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DATAMCP_STACK_HOME: home, NODE_ENV: undefined },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => { output += piece.toString(); });
  return { child, output: () => output, exited: new Promise((settle) => child.once('close', settle)) };
}

let stack: ReturnType<typeof shell> | undefined;

async function pressControlC(): Promise<void> {
  if (stack?.child.pid !== undefined && stack.child.exitCode === null && stack.child.signalCode === null) process.kill(-stack.child.pid, 'SIGINT');
  await stack?.exited;
}

/** The terminal of the stack: what runs in it is ended first. */
async function startStack(commands: string): Promise<void> {
  await pressControlC();
  const started = shell(commands);
  stack = started;
  await eventually(() => (started.output().includes('The stack is up') || started.child.exitCode !== null ? true : undefined), bootTimeoutMs);
  expect(started.output()).toContain('The stack is up');
}

beforeAll(() => {
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, scripts: { start: `node ${JSON.stringify(join(root, 'scripts', 'start.mjs'))}` } }));
  mkdirSync(join(home, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(join(root, 'scripts', 'datamcp.mjs'), join(home, 'node_modules', '.bin', 'datamcp'));
});

afterAll(pressControlC);

test('the tutorial has a first pipeline and a first processor', () => {
  const commands = steps.map((step) => step.commands).join('\n');
  for (const word of ['validate', 'apply', 'run', 'runs logs', 'artifacts get', 'processors new']) expect(commands).toContain(`npx datamcp ${word} `);
  expect(commands).toContain('DATAMCP_PLUGINS=');
});

test.each(named)('`%s` does what the tutorial shows', async (_, { commands, exitCode, shown }) => {
  if (/\bnpm start\b/.test(commands)) return startStack(commands);
  const { output, exited } = shell(shownText.withOurIds(commands));
  const ended = await exited;
  // What it printed stands on both sides, so that a failure shows it.
  expect({ exitCode: ended, output: output() }).toEqual({ exitCode, output: output() });
  if (shown !== undefined && !shownText.isIn(output(), shown)) expect(output()).toBe(shown);
});
