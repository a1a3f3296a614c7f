import type { Command } from 'commander';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import { makeProcessor } from '../processor-scaffold';

export function newProcessorCommand(group: Command, wire: Wire): void {
  group.command('new').description('begin a processor of your own: its file, its test and a README')
    .argument('<name>', 'name that `uses` takes, such as text.reverse').argument('[dir]', 'folder of your processors', '.')
    .action(wire(async (cli, name: string, dir: string) => {
      const files = makeProcessor(cli.host.cwd, dir, name);
      cli.output.show({ name, files }, () => [
        ...files.map((file) => `${cli.output.paint.green('+')} ${file}`),
        `Test it there with \`node --test\`. A worker that is started with DATAMCP_PLUGINS=${dir} offers it.`,
      ]);
      return exitCode.done;
    }));
}
