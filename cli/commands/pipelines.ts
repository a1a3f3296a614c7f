import type { Command } from 'commander';
import type { InputSpec } from '../../domain/pipeline/plan';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import type { Output } from '../output';
import type { Column } from '../table';
import { safeText } from '../text';
import { humanAge } from '../time';
import type { DefinitionView, PipelineView, VersionView } from '../wire';

export function pipelinesCommand(program: Command, wire: Wire): void {
  const group = program.command('pipelines').description('stored pipelines');

  group.command('list').description('all pipelines')
    .option('--archived', 'the archived ones instead')
    .action(wire(async (cli, options: { archived?: true }) => {
      const pipelines = await cli.client.list<PipelineView>('/v1/pipelines', { archived: options.archived });
      cli.output.table(pipelineColumns(cli), pipelines, 'No pipelines yet: datamcp apply FILE stores one.');
      return exitCode.done;
    }));

  group.command('show').description('a pipeline: its inputs and what it uses').argument('<name>')
    .option('--source', 'the document itself')
    .action(wire(async (cli, name: string, options: { source?: true }) => {
      const pipeline = await cli.client.get<PipelineView & DefinitionView>(pathOf(name));
      cli.output.show(pipeline, () => (options.source ? [safeText(pipeline.source).trimEnd()] : pipelineLines(cli, pipeline)));
      return exitCode.done;
    }));

  group.command('versions').description('the versions of a pipeline, newest first').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const versions = await cli.client.list<VersionView>(`${pathOf(name)}/versions`, {});
      cli.output.table(versionColumns(cli), versions, 'No versions.');
      return exitCode.done;
    }));

  group.command('archive').description('put a pipeline out of use; its runs stay').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const pipeline = await cli.client.delete<PipelineView>(pathOf(name));
      cli.output.show(pipeline, () => [`${name} is archived; applying it again brings it back.`]);
      return exitCode.done;
    }));
}

const pathOf = (name: string): string => `/v1/pipelines/${encodeURIComponent(name)}`;

const pipelineColumns = (cli: Cli): Column<PipelineView>[] => [
  { title: 'NAME', value: (pipeline) => pipeline.name, paint: cli.output.paint.bold },
  { title: 'VERSION', value: (pipeline) => `v${pipeline.version}`, align: 'right' },
  { title: 'CHANGED', value: (pipeline) => humanAge(pipeline.updatedAt, cli.output.nowMs()) },
  { title: 'DESCRIPTION', value: (pipeline) => pipeline.description ?? '', flexible: true },
];

const versionColumns = (cli: Cli): Column<VersionView>[] => [
  { title: 'VERSION', value: (version) => `v${version.version}`, align: 'right' },
  { title: 'TASKS', value: (version) => String(version.tasks), align: 'right' },
  { title: 'MADE', value: (version) => humanAge(version.createdAt, cli.output.nowMs()) },
  { title: 'BY', value: (version) => version.createdBy, flexible: true },
  { title: 'PLAN', value: (version) => version.planHash.slice(0, 12), paint: cli.output.paint.dim },
];

function pipelineLines(cli: Cli, pipeline: PipelineView & DefinitionView): string[] {
  const { output } = cli;
  const { plan } = pipeline;
  const labels = Object.entries(pipeline.labels).map(([name, value]) => `${name}=${value}`);
  return [
    `${output.paint.bold(pipeline.name)} v${pipeline.version}${pipeline.archivedAt ? output.paint.yellow(' archived') : ''}`,
    ...output.fields([
      ['description', pipeline.description], ['labels', labels.join(', ')], ['changed', humanAge(pipeline.updatedAt, output.nowMs())],
      ['tasks', `${plan.tasks}, ${plan.edges} needs`], ['uses', plan.processors.join(', ')], ['outputs', plan.outputs.join(', ')],
    ]),
    ...inputLines(output, Object.entries(plan.inputs)),
  ];
}

const inputLines = (output: Output, inputs: [string, InputSpec][]): string[] => (inputs.length === 0 ? [] : ['', ...output.tableLines([
  { title: 'INPUT', value: ([name]) => name },
  { title: 'TYPE', value: ([, spec]) => spec.type },
  { title: 'DEFAULT', value: ([, spec]) => (spec.default !== undefined ? JSON.stringify(spec.default) : spec.required ? 'required' : ''), flexible: true },
  { title: 'DESCRIPTION', value: ([, spec]) => spec.description ?? '', flexible: true },
], inputs)]);
