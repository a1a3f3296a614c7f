import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { verifyExport } from '../../domain/approval/record-export';
import type { Cli, Wire } from '../cli';
import { readBytes } from '../document';
import { exitCode } from '../exit-code';
import { readRecord } from '../record-file';
import { resolveApprovalId } from '../resource-id';
import { oneLine } from '../text';
import { recordText } from './approval-record';

export function auditCommand(program: Command, wire: Wire): void {
  const group = program.command('audit').description('what can be proved afterwards');
  group.command('verify').description('find any later change in the record of an approval; exit code 1 when there is one')
    .argument('<file|approval>', 'an export (`approvals record`), which needs no API; or an approval id, the beginning of one, or @last')
    .option('--head <hash>', 'hash of the last entry, kept somewhere else: only by it it shows whether entries are missing at the end')
    .action(wire(async (cli, argument: string, { head }: { head?: string }) => {
      const record = readRecord(await textOf(cli, argument), argument);
      const problems = verifyExport(record, sha256, head);
      const { approval: { id, title }, entries } = record;
      const { paint } = cli.output;
      cli.output.show({ id, valid: problems.length === 0, entries: entries.length, head: entries.at(-1)?.hash ?? null, problems }, () => (problems.length === 0
        ? [`${paint.green('✓')} ${oneLine(title)}: ${entries.length} entries, each as it was written`, ...cli.output.fields([['approval', id], ['head', entries.at(-1)?.hash]])]
        : [...problems.map((problem) => `${paint.red('✗')} ${oneLine(problem)}`), `The record of approval ${id} is broken.`]));
      return problems.length === 0 ? exitCode.done : exitCode.runFailed;
    }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A file when there is one of that name. */
async function textOf(cli: Cli, argument: string): Promise<string> {
  if (existsSync(resolve(cli.host.cwd, argument))) return readBytes(cli.host.cwd, argument).toString('utf8');
  return recordText(cli, await resolveApprovalId(cli.client, argument), 'json');
}
