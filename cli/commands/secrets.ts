import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { AppError } from '../../domain/errors';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { humanAge } from '../time';

interface SecretView {
  name: string;
  version: number;
  keyId: string;
  updatedAt: string;
  updatedBy: string;
  usedAt: string | null;
}

interface RotationView {
  keyId: string;
  encrypted: number;
  left: { keyId: string; secrets: number; keyMissing: boolean }[];
}

export function secretsCommand(program: Command, wire: Wire): void {
  const group = program.command('secrets').description('secrets that tasks read; their values are never shown');

  group.command('set').description('set a secret to what comes on standard input, so that no shell remembers it').argument('<name>', 'upper-case letters, digits and _')
    .action(wire(async (cli, name: string) => {
      const secret = await cli.client.put<SecretView>(pathOf(name), { json: { value: await valueFromInput() } });
      cli.output.show(secret, () => [`${name} is set, version ${secret.version}.`]);
      return exitCode.done;
    }));

  group.command('list').description('the secrets that were set over the API, without their values')
    .action(wire(async (cli) => {
      const secrets = await cli.client.list<SecretView>('/v1/secrets', {});
      const age = (time: string | null): string => (time === null ? 'never' : humanAge(time, cli.output.nowMs()));
      cli.output.table([
        { title: 'NAME', value: (secret) => secret.name, paint: cli.output.paint.bold },
        { title: 'VERSION', value: (secret) => `v${secret.version}`, align: 'right' },
        { title: 'SET', value: (secret) => age(secret.updatedAt) },
        { title: 'BY', value: (secret) => secret.updatedBy, flexible: true },
        { title: 'USED', value: (secret) => age(secret.usedAt) },
        { title: 'KEY', value: (secret) => secret.keyId, paint: cli.output.paint.dim },
      ], secrets, 'No secrets were set over the API.');
      return exitCode.done;
    }));

  group.command('delete').description('delete a secret; tasks that name it fail from now on').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const secret = await cli.client.delete<SecretView>(pathOf(name));
      cli.output.show(secret, () => [`${name} is deleted.`]);
      return exitCode.done;
    }));

  group.command('rotate').description('encrypt all secrets with the newest key')
    .action(wire(async (cli) => {
      const rotation = await cli.client.post<RotationView>('/v1/secrets/rotate', { timeoutMs: 60_000 });
      cli.output.show(rotation, () => rotationLines(cli, rotation));
      return exitCode.done;
    }));
}

const pathOf = (name: string): string => `/v1/secrets/${encodeURIComponent(name)}`;

/** One line break at the end is the shell's, not the secret's. */
async function valueFromInput(): Promise<string> {
  if (process.stdin.isTTY) throw new AppError('request.invalid', 'The value comes on standard input: printf %s "$VALUE" | datamcp secrets set NAME');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

const rotationLines = (cli: Cli, { keyId, encrypted, left }: RotationView): string[] => [
  `${encrypted} secret(s) were encrypted anew, with key ${keyId}.`,
  ...left.map((each) => cli.output.paint.yellow(`${each.secrets} secret(s) still need key ${each.keyId}${each.keyMissing ? ', which DATAMCP_SECRETS_KEY does not hold' : ': repeat this'}.`)),
  ...(left.length === 0 ? ['No secret needs an older key. Take it out of DATAMCP_SECRETS_KEY in seven days, when no link of an approval needs it either.'] : []),
];
