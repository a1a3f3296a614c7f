import type { Command } from 'commander';
import type { Choice } from '../../domain/approval/state';
import { AppError } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { approvalPath, paintApproval } from '../approval-report';
import type { Cli, Wire } from '../cli';
import { exitCode, type ExitCode } from '../exit-code';
import { parseInputs } from '../inputs';
import { approvalArgument, collect, moment } from '../options';
import { resolveApprovalId } from '../resource-id';
import { oneLine } from '../text';
import type { ActResultView, ApprovalView } from '../wire';
import { readInputFile } from './run';

interface DecisionOptions { comment?: string; form?: string[]; for?: string; evidence?: string }
interface DelegationOptions { since?: string; until?: string; back?: true }

/** Everything that is done to an approval. What does not count fails, and says why. */
export function approvalActCommands(group: Command, wire: Wire): void {
  decisionCommand(group, wire, 'approve', 'vote for it');
  decisionCommand(group, wire, 'reject', 'vote against it');
  decisionCommand(group, wire, 'abstain', 'leave it to the others');
  textCommand(group, wire, 'comment', 'comments', 'say something');
  textCommand(group, wire, 'request-changes', 'changes', 'give it back to its requester, who answers with new evidence');
  plainCommand(group, wire, 'revoke', 'take back your vote, or your request for changes');
  delegateCommand(group, wire);
  group.command('withdraw').description('end it without a decision').argument(...approvalArgument)
    .option('-c, --comment <text>', 'why')
    .action(wire(async (cli, argument: string, options: { comment?: string }) => act(cli, await resolveApprovalId(cli.client, argument), 'withdraw', options)));
  plainCommand(group, wire, 'remind', 'tell those whom it waits for');
  plainCommand(group, wire, 'escalate', 'ask those whom its next deadline would bring in');
}

function decisionCommand(group: Command, wire: Wire, decision: Choice, description: string): void {
  group.command(decision).description(description).argument(...approvalArgument)
    .option('-c, --comment <text>', 'why')
    .option('-f, --form <name=value>', 'a field of its form: name=text, name=@file or name:=json (repeatable)', collect)
    .option('--for <person>', 'whose vote it is, of those who delegated to you')
    .option('--evidence <hash>', 'of the evidence that you have seen, if not what it is now')
    .action(wire(async (cli, argument: string, { comment, form, for: represented, evidence }: DecisionOptions) => {
      const approval = await cli.client.get<ApprovalView>(approvalPath(await resolveApprovalId(cli.client, argument)));
      const body = { decision, comment, form: formOf(cli, approval, form), for: represented, evidenceHash: evidence ?? approval.evidenceHash };
      return act(cli, approval.id, 'decisions', body);
    }));
}

/** The values of a form, typed by its fields. */
const formOf = (cli: Cli, { form }: ApprovalView, given: string[] | undefined): JsonObject | undefined =>
  given && parseInputs(given, Object.fromEntries(Object.entries(form?.properties ?? {}).map(([name, { type }]) => [name, { type }])), readInputFile(cli));

function textCommand(group: Command, wire: Wire, name: string, place: string, description: string): void {
  group.command(name).description(description).argument(...approvalArgument).argument('<text>', 'what you say')
    .action(wire(async (cli, argument: string, comment: string) => act(cli, await resolveApprovalId(cli.client, argument), place, { comment })));
}

function plainCommand(group: Command, wire: Wire, name: string, description: string): void {
  group.command(name).description(description).argument(...approvalArgument)
    .action(wire(async (cli, argument: string) => act(cli, await resolveApprovalId(cli.client, argument), name, {})));
}

function delegateCommand(group: Command, wire: Wire): void {
  group.command('delegate').description('lend your vote to somebody').argument(...approvalArgument).argument('[person]', 'who may vote for you')
    .option('--since <time>', 'from then on', moment)
    .option('--until <time>', 'no longer', moment)
    .option('--back', 'take it back')
    .action(wire(async (cli, argument: string, person: string | undefined, { back, since, until }: DelegationOptions) => {
      if ((person === undefined) !== (back === true)) throw new AppError('request.invalid', 'Name the person who may vote for you, or say --back');
      return act(cli, await resolveApprovalId(cli.client, argument), 'delegate', { to: person ?? null, since, until });
    }));
}

/** Says whether it counted: an act that no worker has taken yet is `gaveUp`, as a wait that ended. */
export async function act(cli: Cli, id: string, place: string, body: object): Promise<ExitCode> {
  const result = await cli.client.post<ActResultView>(`${approvalPath(id)}/${place}`, { json: body });
  const { paint } = cli.output;
  const word = !result.counted ? paint.yellow('not confirmed yet') : result.changed ? paint.green('counted') : paint.dim('nothing new');
  cli.output.show({ id, ...result }, () => [`${word}: approval ${id} is ${paintApproval(result.status, result.status, paint)}; ${oneLine(result.standing)}`]);
  return result.counted ? exitCode.done : exitCode.gaveUp;
}
