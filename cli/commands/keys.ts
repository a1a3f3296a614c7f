import { Option, type Command } from 'commander';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { collect, moment } from '../options';
import { humanAge } from '../time';
import type { CreatedKeyView, KeyView } from '../wire';

interface CreateOptions {
  type: 'user' | 'service';
  email?: string;
  role?: string[];
  group?: string[];
  expiresAt?: string;
}

export function keysCommand(program: Command, wire: Wire): void {
  const group = program.command('keys').description('API keys and whom they speak for');

  group.command('create').description('make a key; it is shown once').argument('<name>', 'the user or service that acts with it')
    .addOption(new Option('--type <type>', 'what the name stands for').choices(['user', 'service']).default('service'))
    .option('--email <address>', 'where mail for a user goes')
    .option('-r, --role <role>', 'admin, operator, author, trigger, approver, agent, viewer, or your own (repeatable)', collect)
    .option('-g, --group <group>', 'a group (repeatable)', collect)
    .option('--expires-at <time>', 'when it ends to be valid', moment)
    .action(wire(async (cli, name: string, options: CreateOptions) => {
      const key = await cli.client.post<CreatedKeyView>('/v1/keys', { json: {
        subject: { type: options.type, name, email: options.email },
        roles: options.role ?? ['viewer'], groups: options.group ?? [], expiresAt: options.expiresAt,
      } });
      cli.output.show(key, () => createdLines(cli, key));
      return exitCode.done;
    }));

  group.command('list').description('all keys, without their secrets')
    .action(wire(async (cli) => {
      const keys = await cli.client.list<KeyView>('/v1/keys', {});
      const now = cli.output.nowMs();
      cli.output.table([
        { title: 'ID', value: (key) => key.id },
        { title: 'NAME', value: (key) => key.subject.name, paint: cli.output.paint.bold },
        { title: 'TYPE', value: (key) => key.subject.type },
        { title: 'ROLES', value: (key) => key.roles.join(', '), flexible: true },
        { title: 'MADE', value: (key) => humanAge(key.createdAt, now) },
        { title: 'STATE', value: (key) => stateOf(key, now) },
      ], keys, 'No keys.');
      return exitCode.done;
    }));

  group.command('revoke').description('end a key at once').argument('<id>')
    .action(wire(async (cli, id: string) => {
      const key = await cli.client.delete<KeyView>(`/v1/keys/${encodeURIComponent(id)}`);
      cli.output.show(key, () => [`Key ${id} is revoked.`]);
      return exitCode.done;
    }));
}

const createdLines = (cli: Cli, key: CreatedKeyView): string[] => [
  ...cli.output.fields([['id', key.id], ['subject', `${key.subject.name} (${key.subject.type})`], ['roles', key.roles.join(', ')], ['key', key.key]]),
  cli.output.paint.yellow('Keep the key now: it is not shown again.'),
];

function stateOf(key: KeyView, nowMs: number): string {
  if (key.revokedAt) return `revoked ${humanAge(key.revokedAt, nowMs)}`;
  if (!key.expiresAt) return 'valid';
  return Date.parse(key.expiresAt) <= nowMs ? 'expired' : `ends ${humanAge(key.expiresAt, nowMs)}`;
}
