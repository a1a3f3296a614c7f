import { Option, type Command } from 'commander';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import { wholeNumber } from '../options';
import { humanAge } from '../time';

interface ConnectionView {
  name: string;
  settings: { kind: string; host: string; port: number; database: string; user: string };
  updatedAt: string;
  updatedBy: string;
}

interface SetOptions {
  host: string;
  port: number;
  database: string;
  user: string;
  passwordSecret?: string;
  tls: string;
}

interface TestView {
  ok: boolean;
  latencyMs: number;
  error: { code: string; message: string } | null;
}

export function connectionsCommand(program: Command, wire: Wire): void {
  const group = program.command('connections').description('databases that tasks use by name');

  setCommand(group, wire);

  group.command('list').description('the connections that were made over the API')
    .action(wire(async (cli) => {
      const connections = await cli.client.list<ConnectionView>('/v1/connections', {});
      cli.output.table([
        { title: 'NAME', value: (each) => each.name, paint: cli.output.paint.bold },
        { title: 'KIND', value: (each) => each.settings.kind },
        { title: 'PLACE', value: ({ settings }) => `${settings.user}@${settings.host}:${settings.port}/${settings.database}`, flexible: true },
        { title: 'CHANGED', value: (each) => humanAge(each.updatedAt, cli.output.nowMs()) },
        { title: 'BY', value: (each) => each.updatedBy },
      ], connections, 'No connections were made over the API.');
      return exitCode.done;
    }));

  group.command('test').description('try a connection, as seen from the API').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const result = await cli.client.post<TestView>(`${pathOf(name)}/test`, { timeoutMs: 30_000 });
      cli.output.show(result, () => [result.error ? cli.output.paint.red(result.error.message) : `${name} works (${result.latencyMs} ms).`]);
      return result.ok ? exitCode.done : exitCode.runFailed;
    }));

  group.command('delete').description('delete a connection; its secrets stay').argument('<name>')
    .action(wire(async (cli, name: string) => {
      const connection = await cli.client.delete<ConnectionView>(pathOf(name));
      cli.output.show(connection, () => [`Connection ${name} is deleted.`]);
      return exitCode.done;
    }));
}

function setCommand(group: Command, wire: Wire): void {
  group.command('set').description('make a connection to a Postgres database, or change it').argument('<name>', 'small letters, digits and _')
    .requiredOption('--host <host>', 'where it is')
    .option('--port <port>', 'its port', wholeNumber, 5432)
    .requiredOption('--database <database>', 'name of the database')
    .requiredOption('--user <user>', 'who signs in')
    .option('--password-secret <secret>', 'name of the secret that is the password')
    .addOption(new Option('--tls <mode>', 'verify: to a trusted server; encrypt: to any; off: in the clear').choices(['verify', 'encrypt', 'off']).default('verify'))
    .action(wire(async (cli, name: string, { host, port, database, user, passwordSecret, tls }: SetOptions) => {
      const password = passwordSecret === undefined ? {} : { password: { secret: passwordSecret } };
      const connection = await cli.client.put<ConnectionView>(pathOf(name), { json: { kind: 'postgres', host, port, database, user, tls, ...password } });
      cli.output.show(connection, () => [`Connection ${name} is set; \`datamcp connections test ${name}\` tries it.`]);
      return exitCode.done;
    }));
}

const pathOf = (name: string): string => `/v1/connections/${encodeURIComponent(name)}`;
