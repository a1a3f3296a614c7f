import { Option, type Command } from 'commander';
import type { RunView } from '../../domain/pipeline/run';
import type { Cli, Wire } from '../cli';
import { exitCode, type ExitCode } from '../exit-code';
import { parseInputs } from '../inputs';
import { collect, durationMs, labelOption, runArgument, wholeNumber } from '../options';
import type { Output } from '../output';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import { showStarted, waitForRun } from '../started-run';
import type { Column } from '../table';
import type { DefinitionView, RerunPlanView } from '../wire';
import { readInputFile } from './run';

interface RerunOptions {
  from?: string[];
  input?: string[];
  version?: number;
  changed: 'refuse' | 'run';
  label?: Record<string, string>;
  priority?: number;
  dryRun?: true;
  wait?: true;
  timeout?: number;
}

/** `runs rerun`. */
export function rerunCommand(group: Command, wire: Wire): void {
  group.command('rerun')
    .description('run an ended run again, as a new run, with the results that hold')
    .argument(...runArgument)
    .option('-f, --from <start|failed|task>', 'what runs: everything, what did not succeed (as it comes), or a task with what did not succeed (repeatable); and all that is below', collect)
    .option('-i, --input <name=value>', 'another value of an input: name=text, name=@file or name:=json (repeatable)', collect)
    .option('--version <number>', 'another version of the pipeline', wholeNumber)
    .addOption(new Option('--changed <refuse|run>', 'what becomes of tasks that succeeded, and that the other inputs or version concern').choices(['refuse', 'run']).default('refuse'))
    .option('-l, --label <name=value>', 'a label of the new run (repeatable)', labelOption)
    .option('--priority <1-5>', '1 is first', wholeNumber)
    .option('--dry-run', 'say of every task what would become of it, start nothing')
    .option('-w, --wait', 'show the new run until it ends, and exit by its status')
    .option('--timeout <duration>', 'with --wait: give up after this time (exit code 4); the run goes on', durationMs)
    .action(wire(async (cli, argument: string, options: RerunOptions) => {
      const run = await cli.client.get<RunView>(runPath(await resolveRunId(cli.client, argument)));
      const json = { ...await bodyOf(cli, run, options), dryRun: options.dryRun };
      if (options.dryRun) return showPlan(cli, await cli.client.post<RerunPlanView>(`${runPath(run.id)}/rerun`, { json }));
      const started = await cli.client.post<RunView>(`${runPath(run.id)}/rerun`, { json });
      return options.wait ? waitForRun(cli, started, options) : showStarted(cli, started);
    }));
}

async function bodyOf(cli: Cli, run: RunView, { from = ['failed'], input, version, changed, label, priority }: RerunOptions): Promise<object> {
  const [only] = from;
  const everything = from.length === 1 && (only === 'start' || only === 'failed');
  return { from: everything ? only : from, inputs: await inputsOf(cli, run, version, input), version, changed, labels: label, priority };
}

/** Asks for the definition only when a text has to become a value of its type. */
async function inputsOf(cli: Cli, run: RunView, version: number | undefined, given: string[] = []): Promise<object> {
  if (given.length === 0) return {};
  const { plan } = await cli.client.get<DefinitionView>(`/v1/pipelines/${encodeURIComponent(run.pipeline)}/versions/${version ?? run.version}`);
  return parseInputs(given, plan.inputs, readInputFile(cli));
}

type PlannedTask = RerunPlanView['tasks'][number];

function showPlan({ output }: Cli, plan: RerunPlanView): ExitCode {
  const { reuse, run, changed } = plan.counts;
  output.show(plan, () => [
    ...output.tableLines(planColumns(output), plan.tasks),
    ...plan.removed.map((id) => output.paint.dim(`${id} is not in version ${plan.version}`)),
    '',
    `would rerun ${output.paint.bold(plan.pipeline)} v${plan.version} with ${JSON.stringify(plan.inputs)}: ${reuse} reused, ${run + changed} run`,
    ...(changed === 0 ? [] : [output.paint.yellow(`${changed} that succeeded would have to run again: --changed run allows it`)]),
  ]);
  return exitCode.done;
}

const planColumns = ({ paint }: Output): Column<PlannedTask>[] => [
  { title: 'TASK', value: ({ id }) => id },
  { title: 'VERDICT', value: ({ verdict }) => verdict, paint: (text, { verdict }) => verdictPaint[verdict](paint)(text) },
  { title: 'BECAUSE', value: becauseOf, flexible: true },
];

const verdictPaint: Record<PlannedTask['verdict'], (paint: Output['paint']) => (text: string) => string> = {
  reuse: ({ green }) => green, run: ({ cyan }) => cyan, changed: ({ yellow }) => yellow,
};

function becauseOf({ because, reusedFrom, instances }: PlannedTask): string {
  if (reusedFrom !== null) return `from run ${reusedFrom}`;
  return `${because ?? ''}${instances ? `; instances reused if their items come again: ${instances}` : ''}`;
}
