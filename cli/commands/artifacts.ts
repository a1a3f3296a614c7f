import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { AppError, errorMessage } from '../../domain/errors';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { runArgument } from '../options';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import { humanBytes } from '../text';
import type { ArtifactView } from '../wire';

/** `runs artifacts`. */
export function artifactsOfRunCommand(group: Command, wire: Wire): void {
  group.command('artifacts').description('files that a run made').argument(...runArgument)
    .action(wire(async (cli, argument: string) => {
      const id = await resolveRunId(cli.client, argument);
      const { items: artifacts } = await cli.client.get<{ items: ArtifactView[] }>(`${runPath(id)}/artifacts`);
      cli.output.table([
        { title: 'ID', value: (each) => each.id },
        { title: 'TASK', value: (each) => (each.instance === null ? each.task : `${each.task}[${each.instance}]`), flexible: true },
        { title: 'NAME', value: (each) => each.name, paint: cli.output.paint.bold, flexible: true },
        { title: 'SIZE', value: (each) => humanBytes(each.bytes), align: 'right' },
        { title: 'TYPE', value: (each) => each.contentType, flexible: true },
      ], artifacts, 'This run has made no files.');
      return exitCode.done;
    }));
}

export function artifactsCommand(program: Command, wire: Wire): void {
  const group = program.command('artifacts').description('files that runs made');
  group.command('get').description('download a file').argument('<id>', 'its id, or the artifact:// address of an output')
    .option('-o, --output <file>', 'where to put it; standard output otherwise')
    .action(wire(async (cli, argument: string, options: { output?: string }) => {
      const id = argument.replace(/^artifact:\/\//, '');
      const response = await cli.client.open(`/v1/artifacts/${encodeURIComponent(id)}`, { headers: { accept: '*/*' } });
      if (options.output === undefined) await toStandardOutput(cli, response);
      else await toFile(cli, response, id, options.output);
      return exitCode.done;
    }));
}

const bodyOf = (response: Response): Readable => Readable.from(response.body ?? []);

/** A terminal takes text only: other bytes could do anything to it. */
async function toStandardOutput(cli: Cli, response: Response): Promise<void> {
  const type = response.headers.get('content-type') ?? '';
  if (cli.output.stdout.isTTY && !/^(text\/|application\/(json|x-ndjson|xml|yaml))/.test(type)) {
    await response.body?.cancel();
    throw new AppError('request.invalid', `This file is ${type || 'of an unknown type'}, not text: name a file with -o`);
  }
  await pipeline(bodyOf(response), cli.output.stdout, { end: false });
}

/** Written beside its place and moved there when it is whole, so that nobody reads half a file. */
async function toFile(cli: Cli, response: Response, id: string, name: string): Promise<void> {
  const path = resolve(cli.host.cwd, name);
  const partial = `${path}.part`;
  try {
    await pipeline(bodyOf(response), createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw new AppError('request.invalid', `The file could not be saved as ${name}: ${errorMessage(error)}`, { cause: error });
  }
  cli.output.show({ id, file: path }, () => [`saved ${name}`]);
}
