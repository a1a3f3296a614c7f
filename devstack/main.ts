import { parseArgs } from 'node:util';
import { errorMessage } from '../domain/errors';
import { adviceOn } from './advice';
import { say } from './console';
import { registerExamples, runExample, showLinks } from './demo';
import { commandFor, stackFolders, type Folders } from './folders';
import { sleep } from './processes';
import { showHowToDecide, signOffByItself, tellEnd } from './sign-off';
import { Stack } from './stack';
import { takeStackLock, type StackLock } from './stack-lock';

const usage = `npm start [-- --once | --no-demo]

  (nothing)    boots the local stack, registers examples/, runs the example pipeline until it asks for a decision,
               says how to decide it, and stays up
  --once       the same, decides it as a second identity, then stops everything and exits by the run's status
  --no-demo    only boots`;

type Options = { once: boolean; demo: boolean };

/** @returns the options, or the exit status when help was asked for or they are wrong */
function readOptions(args: string[]): Options | number {
  try {
    const { values } = parseArgs({ args, options: { once: { type: 'boolean' }, 'no-demo': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
    if (values.once && values['no-demo']) throw new Error('--once runs the example, and --no-demo leaves it out: give one of them');
    if (!values.help) return { once: values.once ?? false, demo: !values['no-demo'] };
    say(usage);
    return 0;
  } catch (error) {
    say(`${errorMessage(error)}\n\n${usage}`);
    return 2;
  }
}

/** What the person asked for by Ctrl-C or a signal; the second time ends everything without waiting. */
function onStopRequest(impatient: () => void): AbortSignal {
  const control = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (control.signal.aborted) return impatient();
      say('\nStopping: running work is given a moment; Ctrl-C again ends it at once.');
      control.abort(signal);
    });
  }
  return control.signal;
}

const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
});

/**
 * Boots the local stack and stays until it is told to stop.
 * @param launcher process id of the npm that started us, if one did: when it is gone, we are about to stop
 * @returns the exit status: 0 after Ctrl-C, 1 when a part failed or another stack runs, 2 for wrong options, with `--once` that of the run
 */
export async function main(args: string[], { launcher }: { launcher?: number } = {}): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'number') return options;
  // The terminal or pipe may go away before us; we still have things to stop in order.
  process.stderr.on('error', () => undefined);
  try {
    return await runLocked(stackFolders(), options, launcher ?? null);
  } catch (error) {
    const message = errorMessage(error);
    say([message, adviceOn(message) ?? []].flat().join('\n'));
    return 1;
  }
}

async function runLocked(folders: Folders, options: Options, launcher: number | null): Promise<number> {
  const stack = new Stack(folders, !options.once);
  let lock: StackLock | undefined;
  const stop = onStopRequest(() => {
    stack.kill();
    lock?.release();
    process.exit(interrupted);
  });
  try {
    lock = await takeStackLock(folders.data, launcher, () => say('The earlier stack of this clone is still stopping; waiting for it …'));
    return await runStack(stack, folders, options, stop);
  } finally {
    if (lock) {
      lock.markStopping();
      await stack.stop();
      lock.release();
    }
  }
}

const startingGraceMs = 5_000;
/** Exit status of a command that Ctrl-C ended. */
const interrupted = 130;

async function runStack(stack: Stack, folders: Folders, options: Options, stop: AbortSignal): Promise<number> {
  say('Starting the local stack');
  const started = stack.start();
  const links = await Promise.race([started, aborted(stop)]);
  if (!links) {
    // What is just starting should be known before it is stopped; what is not, ends with this process.
    await Promise.race([started.catch(() => undefined), sleep(startingGraceMs)]);
    return interrupted;
  }
  let status = 0;
  if (options.demo) {
    const count = await registerExamples(folders, links);
    say(`  ${count} examples registered`);
    if (stop.aborted) return interrupted;
    say('');
    const over = new AbortController();
    if (options.once) void signOffByItself(links, AbortSignal.any([stop, over.signal]));
    status = await runExample(folders, links, options.once, stop).finally(() => over.abort());
  }
  // With --once the addresses would be dead before anybody could open them.
  if (options.once || stop.aborted) return status;
  await showLinks(links, options.demo);
  const waiting = options.demo ? await showHowToDecide(folders, links) : undefined;
  if (waiting !== undefined) void tellEnd(links, waiting, stop);
  say(`\nThe stack is up. Ctrl-C stops it; \`${commandFor(folders, 'npm start')}\` goes on where it was.`);
  await aborted(stop);
  return 0;
}
