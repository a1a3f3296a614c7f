import type { Command } from 'commander';
import type { RunView } from '../../domain/pipeline/run';
import type { Cli, Wire } from '../cli';
import { isFinalRun } from '../../domain/pipeline/status';
import { exitCode } from '../exit-code';
import { sentenceOf } from '../explanation';
import { collect, durationMs, runArgument, wholeNumber } from '../options';
import { paintStatus } from '../permanent-lines';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import { runLines } from '../run-report';
import type { Column } from '../table';
import { humanAge, humanElapsed } from '../time';
import { runWithTasks, watchRun } from '../watch';
import { artifactsOfRunCommand } from './artifacts';
import { explainCommand } from './explain';
import { logsCommand } from './logs';
import { diffCommand } from './diff';
import { rerunCommand } from './rerun';
import { runTaskCommands } from './run-tasks';

interface ListOptions {
  pipeline?: string;
  status?: string[];
  label?: string[];
  limit: number;
}

export function runsCommand(program: Command, wire: Wire): void {
  const group = program.command('runs').description('runs of pipelines');
  listCommand(group, wire);
  showCommand(group, wire);
  watchCommand(group, wire);
  explainCommand(group, wire);
  logsCommand(group, wire);
  cancelCommand(group, wire);
  controlCommand(group, wire, 'pause', 'start nothing new; what runs goes on to its end');
  controlCommand(group, wire, 'resume', 'go on after a pause');
  rerunCommand(group, wire);
  diffCommand(group, wire);
  runTaskCommands(group, wire);
  artifactsOfRunCommand(group, wire);
}

function listCommand(group: Command, wire: Wire): void {
  group.command('list').description('the newest runs first')
    .option('-p, --pipeline <name>', 'of this pipeline only')
    .option('-s, --status <status>', 'in this state only (repeatable)', collect)
    .option('-l, --label <name=value>', 'with this label only (repeatable)', collect)
    .option('-n, --limit <number>', 'at most so many', wholeNumber, 20)
    .action(wire(async (cli, { pipeline, status, label, limit }: ListOptions) => {
      const runs = await cli.client.list<RunView>('/v1/runs', { pipeline, status, label }, limit);
      const isFiltered = [pipeline, status, label].some((filter) => filter !== undefined);
      cli.output.table(runColumns(cli), runs, isFiltered ? 'No such runs.' : 'No runs: datamcp run FILE starts one.');
      return exitCode.done;
    }));
}

function showCommand(group: Command, wire: Wire): void {
  group.command('show').description('a run with its tasks').argument(...runArgument)
    .action(wire(async (cli, argument: string) => {
      const run = await runWithTasks(cli, await findRun(cli, argument));
      const now = cli.output.json || isFinalRun(run.status) ? null : await sentenceOf(cli, run.id);
      cli.output.show(run, () => runLines(cli.output, run, now));
      return exitCode.done;
    }));
}

function watchCommand(group: Command, wire: Wire): void {
  group.command('watch').description('show a run until it ends, and exit by its status').argument(...runArgument)
    .option('--timeout <duration>', 'give up after this time (exit code 4); the run goes on', durationMs)
    .option('--until-decision', 'leave as soon as a task asks people for a decision (exit code 4); the run goes on')
    .option('--no-links', 'do not end with the address of the run in the Temporal UI')
    .action(wire(async (cli, argument: string, { timeout: timeoutMs, untilDecision, links }: { timeout?: number; untilDecision?: true; links: boolean }) => {
      const mode = cli.output.json ? 'stream' : 'live';
      const watched = await watchRun(cli, await findRun(cli, argument), { mode, links, ...(untilDecision && { untilDecision }), ...(timeoutMs !== undefined && { timeoutMs }) });
      if (cli.output.json) cli.output.record({ type: 'run', data: watched.run });
      return watched.code;
    }));
}

function cancelCommand(group: Command, wire: Wire): void {
  group.command('cancel').description('end a run; its always() tasks still clean up').argument(...runArgument)
    .option('--reason <text>', 'why, for those who look later')
    .option('--force', 'skip the always() tasks')
    .action(wire(async (cli, argument: string, { reason, force }: { reason?: string; force?: true }) => {
      const run = await control(cli, argument, 'cancel', { reason, force });
      cli.output.show(run, () => [`run ${run.id}: cancel asked for; it is ${run.status}`]);
      return exitCode.done;
    }));
}

function controlCommand(group: Command, wire: Wire, action: 'pause' | 'resume', description: string): void {
  group.command(action).description(description).argument(...runArgument)
    .action(wire(async (cli, argument: string) => {
      const run = await control(cli, argument, action);
      cli.output.show(run, () => [`run ${run.id}: ${action} asked for; it is ${run.status}`]);
      return exitCode.done;
    }));
}

export async function findRun(cli: Cli, argument: string): Promise<RunView> {
  return cli.client.get<RunView>(runPath(await resolveRunId(cli.client, argument)));
}

async function control(cli: Cli, argument: string, action: string, body: object = {}): Promise<RunView> {
  const id = await resolveRunId(cli.client, argument);
  return cli.client.post<RunView>(`${runPath(id)}/${action}`, { json: body });
}

const runColumns = (cli: Cli): Column<RunView>[] => {
  const { paint, nowMs } = cli.output;
  return [
    { title: 'RUN', value: (run) => run.id },
    { title: 'PIPELINE', value: (run) => `${run.pipeline} v${run.version}`, flexible: true },
    { title: 'STATUS', value: (run) => run.status, paint: (text, run) => paintStatus(run.status, text, paint) },
    { title: 'TASKS', value: ({ progress }) => `${progress.total - progress.pending - progress.running - progress.waiting - progress.queued}/${progress.total}`, align: 'right' },
    { title: 'MADE', value: (run) => humanAge(run.createdAt, nowMs()) },
    { title: 'TOOK', value: (run) => humanElapsed(run.startedAt, run.finishedAt, nowMs()), align: 'right' },
    { title: 'BY', value: (run) => run.requestedBy, flexible: true },
  ];
};
