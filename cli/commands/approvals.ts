import { Option, type Command } from 'commander';
import { approvalColumns, approvalLines, approvalPath } from '../approval-report';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { approvalArgument, collect, wholeNumber } from '../options';
import { resolveApprovalId } from '../resource-id';
import type { ApprovalSummaryView, ApprovalView, CredentialView, MeView } from '../wire';
import { absencesCommand } from './absences';
import { approvalActCommands } from './approval-acts';
import { approvalRecordCommand } from './approval-record';
import { approvalRequestCommands } from './approval-requests';

interface ListOptions {
  mine?: true;
  asked?: true;
  status?: string[];
  requester?: string;
  run?: string;
  limit: number;
}

export function approvalsCommand(program: Command, wire: Wire): void {
  const group = program.command('approvals').description('requests for a decision');

  group.command('list').description('the newest first: all that you may see, what waits for you, or what you asked for')
    .option('-m, --mine', 'only what waits for you')
    .addOption(new Option('-a, --asked', 'only what you asked for').conflicts('requester'))
    .option('-s, --status <status>', 'in this state only (repeatable)', collect)
    .option('--requester <name>', 'of this requester only')
    .option('--run <id>', 'of this run only')
    .option('-n, --limit <number>', 'at most so many', wholeNumber, 20)
    .action(wire(async (cli, { mine, asked, limit, status, requester, run }: ListOptions) => {
      const by = asked ? (await cli.client.get<MeView>('/v1/me')).subject.name : requester;
      const approvals = await cli.client.list<ApprovalSummaryView>('/v1/approvals', { awaiting: mine && 'me', status, requester: by, run }, limit);
      cli.output.table(approvalColumns(cli.output), approvals, mine ? 'Nothing waits for you.' : asked ? 'You have asked for nothing.' : 'No approvals.');
      return exitCode.done;
    }));

  group.command('show').description('the question, the evidence, who decides and how it stands').argument(...approvalArgument)
    .action(wire(async (cli, argument: string) => {
      const approval = await findApproval(cli, argument);
      cli.output.show(approval, () => approvalLines(cli.output, approval));
      return exitCode.done;
    }));

  approvalRequestCommands(group, wire);
  approvalActCommands(group, wire);
  absencesCommand(group, wire);
  approvalRecordCommand(group, wire);

  group.command('credential').description('make a short-lived credential, to act from the Temporal UI or CLI').argument(...approvalArgument)
    .action(wire(async (cli, argument: string) => {
      const id = await resolveApprovalId(cli.client, argument);
      const made = await cli.client.post<CredentialView>(`${approvalPath(id)}/credential`);
      cli.output.show(made, () => [made.credential]);
      cli.output.note(`Good for ${made.person} until ${made.expiresAt}. This approves:`, made.command);
      return exitCode.done;
    }));
}

export async function findApproval(cli: Cli, argument: string): Promise<ApprovalView> {
  return cli.client.get<ApprovalView>(approvalPath(await resolveApprovalId(cli.client, argument)));
}
