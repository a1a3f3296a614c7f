import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError, errorMessage } from '../../domain/errors';
import { approvalPath } from '../approval-report';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { approvalArgument } from '../options';
import { resolveApprovalId } from '../resource-id';

interface RecordOptions { html?: true; output?: string }

/** `approvals record`. */
export function approvalRecordCommand(group: Command, wire: Wire): void {
  group.command('record').description('export its record: what was asked, shown, said and decided').argument(...approvalArgument)
    .option('--html', 'as a page for printing instead of JSON')
    .option('-o, --output <file>', 'where to put it; standard output otherwise')
    .action(wire(async (cli, argument: string, { html, output }: RecordOptions) => {
      const text = await recordText(cli, await resolveApprovalId(cli.client, argument), html ? 'html' : 'json');
      if (output === undefined) cli.output.stdout.write(`${text}\n`);
      else save(cli, output, text);
      return exitCode.done;
    }));
}

/** The export as it came: its hashes are over exactly what is in it. */
export async function recordText(cli: Cli, id: string, format: 'json' | 'html'): Promise<string> {
  const response = await cli.client.open(`${approvalPath(id)}/record`, { query: { format }, headers: { accept: '*/*' } });
  return response.text();
}

function save(cli: Cli, name: string, text: string): void {
  try {
    writeFileSync(resolve(cli.host.cwd, name), text);
  } catch (error) {
    throw new AppError('request.invalid', `The record could not be saved as ${name}: ${errorMessage(error)}`, { cause: error });
  }
  cli.output.show({ file: name }, () => [`saved ${name}`]);
}
