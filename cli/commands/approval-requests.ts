import { Option, type Command } from 'commander';
import { AppError } from '../../domain/errors';
import type { Json, JsonObject } from '../../domain/json';
import { approvalLines } from '../approval-report';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import { isJsonObject } from '../json-text';
import { readValue } from '../object-file';
import { approvalArgument, collect, wholeNumber } from '../options';
import { resolveApprovalId } from '../resource-id';
import type { ApprovalView } from '../wire';
import { act } from './approval-acts';

interface CreateOptions {
  title?: string;
  description?: string;
  user?: string[];
  role?: string[];
  group?: string[];
  quorum?: number;
  deadline?: string;
  risk?: string;
  idempotencyKey?: string;
}

/** What a requester does: ask, and answer with new evidence. */
export function approvalRequestCommands(group: Command, wire: Wire): void {
  group.command('create').description('ask for a decision: by a file with the request, by options, or by both, where options win')
    .argument('[file]', 'the body of `POST /v1/approvals` in YAML or JSON; - reads standard input')
    .option('-t, --title <text>', 'the question, in one line')
    .option('-d, --description <markdown>', 'more about it')
    .option('-u, --user <name>', 'who may decide (repeatable)', collect)
    .option('-r, --role <role>', 'everybody with this role may (repeatable)', collect)
    .option('-g, --group <group>', 'everybody in this group may (repeatable)', collect)
    .option('-q, --quorum <number>', 'how many of them must approve; 1 if it is not given', wholeNumber)
    .option('--deadline <time>', 'how long there is, such as 48h, or until when')
    .addOption(new Option('--risk <risk>', 'what is at stake').choices(['low', 'medium', 'high']))
    .option('--idempotency-key <key>', 'the same key asks once, however often it is sent')
    .action(wire(async (cli, file: string | undefined, options: CreateOptions) => {
      const { idempotencyKey } = options;
      const json = { ...(file === undefined ? {} : requestIn(file, readValue(cli.host.cwd, file))), ...requestOf(options) };
      const approval = await cli.client.post<ApprovalView>('/v1/approvals', { json, ...(idempotencyKey !== undefined && { idempotencyKey }) });
      cli.output.show(approval, () => approvalLines(cli.output, approval));
      return exitCode.done;
    }));

  group.command('resubmit').description('answer with new evidence, in place of all that was there: votes on the old lapse').argument(...approvalArgument)
    .argument('<file>', 'the evidence in YAML or JSON: a list of pieces, as in a request; - reads standard input')
    .option('-c, --comment <text>', 'what is different')
    .action(wire(async (cli, argument: string, file: string, { comment }: { comment?: string }) => {
      const evidence = readValue(cli.host.cwd, file);
      if (!Array.isArray(evidence)) throw new AppError('request.invalid', `${file} must hold a list: the pieces of evidence`);
      const id = await resolveApprovalId(cli.client, argument);
      return act(cli, id, 'evidence', { evidence, comment });
    }));
}

function requestIn(file: string, value: Json): JsonObject {
  if (!isJsonObject(value)) throw new AppError('request.invalid', `${file} must hold one object: the request`);
  return value;
}

/** Of options only those that are given, so that a file keeps the others. Who decides is one thing: options replace the whole policy. */
function requestOf({ title, description, deadline, risk, user: users, role: roles, group: groups, quorum }: CreateOptions): object {
  const isNamed = [users, roles, groups].some((names) => names !== undefined);
  if (quorum !== undefined && !isNamed) throw new AppError('request.invalid', '--quorum counts those whom --user, --role or --group name: name them, too, or write it into the file');
  const plain = Object.entries({ title, description, deadline, risk }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(plain), ...(isNamed && { policy: { approvers: { users, roles, groups }, quorum } }) };
}
