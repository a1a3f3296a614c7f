import type { Cli } from './cli';
import { exitCode, exitCodeOfRun, type ExitCode } from './exit-code';
import type { RunEvent } from './event-stream';
import { sentenceOf } from './explanation';
import { asksPeople, foldEvent, liveStateOf, type LiveState } from './live-state';
import { liveLines } from './live-view';
import { acceptedLine, endLines, eventLine, outcomeOfEvent, outcomeOfTask, taskLine } from './permanent-lines';
import { followRun, runPath } from './run-follower';
import { plainScreen, terminalScreen, type Draw, type Screen } from './screen';
import type { RunWithTasks } from './wire';
import type { RunView, TaskView } from '../domain/pipeline/run';
import { isFinalTask } from '../domain/pipeline/status';

export interface WatchOptions {
  /** Gives up after this time; the run goes on. */
  timeoutMs?: number;
  /** Leaves, too, as soon as a task asks people for a decision. */
  untilDecision?: boolean;
  /** `stream` writes an event a line, `silent` nothing: for `--json`. */
  mode: 'live' | 'stream' | 'silent';
  /** Whether a live run ends with its address in the Temporal UI; it does unless told otherwise. */
  links?: boolean;
}

export interface Watched {
  code: ExitCode;
  /** The run as it was last seen, with its tasks if it is final. */
  run: RunWithTasks;
}

const redrawMs = 80;

/**
 * Shows a run until it is final, until the time is over, or until Ctrl-C, which detaches: the run goes on.
 * @throws AppError when the API cannot be reached any more
 */
export async function watchRun(cli: Cli, run: RunView, options: WatchOptions): Promise<Watched> {
  const interrupt = new AbortController();
  const forget = cli.host.onInterrupt(() => interrupt.abort(new DOMException('interrupted', 'AbortError')));
  const asked = new AbortController();
  const state = liveStateOf(run);
  const onEvent = (event: RunEvent): void => {
    foldEvent(state, event);
    if (options.untilDecision && asksPeople(state)) asked.abort(new DOMException('people are asked', 'AbortError'));
  };
  const deadline = options.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)];
  const signal = AbortSignal.any([interrupt.signal, asked.signal, ...deadline]);
  try {
    const follow = { signal, state, onEvent };
    const final = await (options.mode === 'live' ? watchLive(cli, run, follow, options.links ?? true) : watchQuietly(cli, run, options.mode, follow));
    return { code: exitCodeOfRun(final.status), run: final };
  } catch (error) {
    if (!signal.aborted) throw error;
    const code = interrupt.signal.aborted ? exitCode.detached : exitCode.gaveUp;
    // Whoever gave up waiting asks why; Ctrl-C leaves at once.
    const why = code === exitCode.gaveUp ? await sentenceOf(cli, run.id) : null;
    cli.output.note(...leavingLines(cli, run, asked.signal.aborted ? 'A decision is awaited' : reasons[code], why));
    return { code, run: await lastSeen(cli, run, code) };
  } finally {
    forget();
  }
}

/** The run with all its tasks, as the API tells it now. */
export async function runWithTasks(cli: Cli, run: RunView): Promise<RunWithTasks> {
  return { ...run, tasks: await cli.client.list<TaskView>(`${runPath(run.id)}/tasks`, {}) };
}

/** What is known of the run by its events, each of which is told to `onEvent`. */
interface Follow {
  signal: AbortSignal;
  state: LiveState;
  onEvent: (event: RunEvent) => void;
}

async function watchQuietly(cli: Cli, run: RunView, mode: 'stream' | 'silent', { signal, onEvent }: Follow): Promise<RunWithTasks> {
  const final = await followRun(cli.client, run.id, {
    signal,
    onEvent: (event) => {
      if (mode === 'stream') cli.output.record(event);
      onEvent(event);
    },
  });
  return runWithTasks(cli, final);
}

async function watchLive(cli: Cli, run: RunView, follow: Follow, links: boolean): Promise<RunWithTasks> {
  const told = new Set<string>();
  const final = await showLive(cli, run, follow, told);
  const result = await runWithTasks(cli, final);
  cli.output.lines(untoldLines(cli, result.tasks, told));
  cli.output.lines(endLines(links ? final : { ...final, links: { temporal: null, console: null } }, cli.output.paint));
  return result;
}

/** @param told takes the tasks whose end has been shown */
async function showLive(cli: Cli, run: RunView, { signal, state, onEvent }: Follow, told: Set<string>): Promise<RunView> {
  const { paint } = cli.output;
  const screen = screenOf(cli, (width, height) => liveLines(state, { width, height, nowMs: cli.host.nowMs(), paint }));
  const ticker = setInterval(() => screen.redraw(), redrawMs);
  try {
    screen.print(acceptedLine(run, paint));
    return await followRun(cli.client, run.id, {
      signal,
      onEvent: (event) => {
        onEvent(event);
        const outcome = outcomeOfEvent(event);
        if (outcome) told.add(outcome.key);
        const line = eventLine(event, paint, state.queuedAtMs);
        if (line !== undefined) screen.print(line);
      },
      onGap: (error) => (cli.output.stdout.isTTY ? undefined : cli.output.note(`${error.message}; trying again`)),
    });
  } finally {
    clearInterval(ticker);
    screen.close();
  }
}

/**
 * Tasks that are final but that no event spoke of: the API's rows are the truth, events only the quick way to them. Of
 * what is reused the beginning has spoken.
 */
function untoldLines(cli: Cli, tasks: TaskView[], told: ReadonlySet<string>): string[] {
  return tasks
    .filter((task) => task.reusedFrom === null && isFinalTask(task.status) && (task.instance === null || task.status === 'failed'))
    .map((task) => outcomeOfTask(task, cli.host.nowMs()))
    .filter((outcome) => !told.has(outcome.key))
    .map((outcome) => taskLine(outcome, cli.output.paint));
}

function screenOf({ host: { stdout, variables } }: Cli, draw: Draw): Screen {
  return stdout.isTTY && variables['TERM'] !== 'dumb' ? terminalScreen(stdout, draw) : plainScreen(stdout);
}

const reasons = { [exitCode.detached]: 'Detached', [exitCode.gaveUp]: 'Gave up waiting' } as const;

function leavingLines(cli: Cli, run: RunView, reason: string, why: string | null): string[] {
  const { notePaint } = cli.output;
  return [
    `${reason}: run ${run.id} goes on.`,
    ...(why === null ? [] : [`  ${why}`]),
    `${notePaint.dim('  come back with')} datamcp runs watch ${run.id}`,
    `${notePaint.dim('  or end it with')} datamcp runs cancel ${run.id}`,
  ];
}

/** Ctrl-C leaves at once; after a time-out there is time to ask how far the run is. */
async function lastSeen(cli: Cli, run: RunView, code: ExitCode): Promise<RunWithTasks> {
  if (code === exitCode.detached) return { ...run, tasks: [] };
  const now = await cli.client.get<RunView>(runPath(run.id));
  return runWithTasks(cli, now);
}

