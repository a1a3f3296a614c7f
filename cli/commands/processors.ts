import type { Command } from 'commander';
import type { CatalogueEntry } from '../../domain/pipeline/catalogue';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import { newProcessorCommand } from './processors-new';

export function processorsCommand(program: Command, wire: Wire): void {
  const group = program.command('processors').description('what a task can use');

  group.command('list').description('all processors that workers offer')
    .action(wire(async (cli) => {
      const { items: processors } = await cli.client.get<{ items: CatalogueEntry[] }>('/v1/processors');
      cli.output.table([
        { title: 'NAME', value: (each) => each.name, paint: cli.output.paint.bold },
        { title: 'MODE', value: (each) => each.mode },
        { title: 'TITLE', value: (each) => each.title, flexible: true },
      ], processors, 'No worker has offered a processor yet: is a worker running?');
      return exitCode.done;
    }));

  group.command('show').description('a processor: what it takes and gives').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const processor = await cli.client.get<CatalogueEntry>(`/v1/processors/${encodeURIComponent(name)}`);
      const { output } = cli;
      output.show(processor, () => [
        `${output.paint.bold(processor.name)} ${processor.version}  ${processor.title}`,
        ...(processor.description ? [processor.description] : []),
        '', output.paint.bold('with'), ...schemaLines(processor.inputSchema),
        '', output.paint.bold('output'), ...schemaLines(processor.outputSchema),
      ]);
      return exitCode.done;
    }));

  newProcessorCommand(group, wire);
}

const schemaLines = ({ $schema: _, ...schema }: Record<string, unknown>): string[] =>
  JSON.stringify(schema, null, 2).split('\n').map((line) => `  ${line}`);
