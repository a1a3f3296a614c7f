import type { Command } from 'commander';
import { AppError } from '../../domain/errors';
import { excerpts } from '../../domain/pipeline/diff/excerpts';
import type { RunView } from '../../domain/pipeline/run';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { runArgument } from '../options';
import type { Output } from '../output';
import { paintStatus } from '../permanent-lines';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import type { Column } from '../table';
import { oneLine, truncate } from '../text';
import { humanDuration } from '../time';
import type { RunDiffView } from '../wire';

/** `runs diff`. */
export function diffCommand(group: Command, wire: Wire): void {
  group.command('diff')
    .description('what differs between two runs of a pipeline')
    .argument(...runArgument)
    .argument('[other]', 'the run to compare it with; without it, a rerun is compared with what it is a rerun of')
    .action(wire(async (cli, argument: string, other: string | undefined) => {
      const [left, right] = await sides(cli, argument, other);
      const diff = await cli.client.get<RunDiffView>(`${runPath(left)}/diff`, { query: { with: right } });
      cli.output.show(diff, () => diffLines(cli.output, diff));
      return exitCode.done;
    }));
}

async function sides(cli: Cli, argument: string, other: string | undefined): Promise<[left: string, right: string]> {
  const id = await resolveRunId(cli.client, argument);
  if (other !== undefined) return [id, await resolveRunId(cli.client, other)];
  const { rerunOf } = await cli.client.get<RunView>(runPath(id));
  if (rerunOf === null) throw new AppError('request.invalid', `The run ${id} is no rerun: name the run to compare it with`);
  return [rerunOf, id];
}

/** The two runs, then a part for each kind of difference that there is. */
function diffLines(output: Output, diff: RunDiffView): string[] {
  const { paint } = output;
  const definition = [
    ...diff.definition.fields.map((field) => `${paint.yellow('~')} ${valueLine(field)}`),
    ...diff.definition.tasks.flatMap(({ id, change, fields }) => [`${changeMark(change, paint)} ${id}`, ...fields.map((field) => `    ${valueLine(field)}`)]),
  ];
  const parts: [string, string[]][] = [
    ['inputs', diff.inputs.map(valueLine)], ['definition', definition],
    ['tasks', diff.tasks.length > 0 ? output.tableLines(taskColumns(output), diff.tasks) : []],
    ['artifacts', diff.tasks.flatMap(artifactLines)],
    ['outputs', diff.outputs.map(valueLine)],
  ];
  const shown = parts.filter(([, lines]) => lines.length > 0);
  return [
    ...runLines(output, diff),
    ...shown.flatMap(([title, lines]) => ['', paint.bold(title), ...lines.map((line) => `  ${line}`)]),
    ...(shown.length === 0 ? ['', 'nothing differs'] : []),
    ...(diff.truncated ? [paint.dim('  … and more tasks')] : []),
  ];
}

function runLines({ paint }: Output, { pipeline, left, right }: RunDiffView): string[] {
  const line = (mark: string, run: RunDiffView['left']): string =>
    `${mark} ${paint.bold(pipeline)} v${run.version} run ${run.id} ${paintStatus(run.status, run.status, paint)}${took(run.durationMs)}`;
  return [line(paint.red('-'), left), line(paint.green('+'), right)];
}

const took = (ms: number | null): string => (ms === null ? '' : ` in ${humanDuration(ms)}`);

const changeMark = (change: RunDiffView['definition']['tasks'][number]['change'], paint: Output['paint']): string => {
  switch (change) {
    case 'added': return paint.green('+');
    case 'removed': return paint.red('-');
    case 'changed': return paint.yellow('~');
  }
};

/** So much of a value is shown on a line; `--json` has more. */
const shownWidth = 60;
const shownArtifacts = 5;

/** Both sides around the place where they differ. */
function valueLine({ name, left, right }: RunDiffView['inputs'][number]): string {
  const [before = '', after = ''] = [left, right].map((value) => (value === undefined ? 'none' : oneLine(JSON.stringify(value))));
  return `${oneLine(name)}: ${excerpts(before, after, shownWidth).join(' → ')}`;
}

type DiffTask = RunDiffView['tasks'][number];

function artifactLines({ id, artifacts }: DiffTask): string[] {
  const sorted = [...artifacts].sort((a, b) => (a.instance ?? -1) - (b.instance ?? -1));
  const more = sorted.length - shownArtifacts;
  return [...sorted.slice(0, shownArtifacts).map((artifact) => artifactLine(id, artifact)), ...(more > 0 ? [`${id}: … and ${more} more`] : [])];
}

/** The beginning of a hash tells contents apart. */
const artifactLine = (task: string, { instance, name, left, right }: DiffTask['artifacts'][number]): string =>
  `${task}${instance === null ? '' : `[${instance}]`} ${oneLine(name)}: ${left?.slice(0, 12) ?? 'none'} → ${right?.slice(0, 12) ?? 'none'}`;

const taskColumns = ({ paint }: Output): Column<DiffTask>[] => [
  { title: 'TASK', value: ({ id }) => id },
  { title: 'STATUS', value: (task) => pair(task, (side) => side.status), paint: (text, { right }) => (right ? paintStatus(right.status, text, paint) : text) },
  { title: 'TOOK', value: (task) => pair(task, ({ durationMs }) => (durationMs === null ? '' : humanDuration(durationMs))) },
  { title: 'DIFFERS', value: ({ differs, right }) => `${differs.join(', ')}${right?.reusedFrom ? ' (reused)' : ''}` },
  { title: 'OUTPUT', value: (task) => (task.differs.includes('output') ? pair(task, outputText) : ''), flexible: true },
];

type Side = NonNullable<DiffTask['left']>;

function pair({ left, right }: DiffTask, text: (side: Side) => string): string {
  const [before, after] = [left, right].map((side) => (side && text(side)) || '-');
  return before === after ? String(before) : `${before} → ${after}`;
}

const outputText = ({ output, outputBytes }: Side): string =>
  output === null && outputBytes > 4 ? `${outputBytes} bytes` : output === null ? '' : truncate(oneLine(JSON.stringify(output)), shownWidth);
