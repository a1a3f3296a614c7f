import type { Command } from 'commander';
import { definitionJsonSchema } from '../../domain/pipeline/definition';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { builtInCatalogue } from '../product';

export function schemaCommand(program: Command, wire: Wire): void {
  program.command('schema')
    .description('the JSON Schema of pipelines, for editors, with the processors that workers offer')
    .option('--offline', 'with the built-in processors, without an API')
    .action(wire(async (cli, options: { offline?: true }) => {
      cli.output.document(options.offline ? definitionJsonSchema(builtInCatalogue()) : await fromApi(cli));
      return exitCode.done;
    }));
}

const fromApi = (cli: Cli): Promise<unknown> => cli.client.get('/v1/schemas/pipeline');
