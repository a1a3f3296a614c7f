import type { Command } from 'commander';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import type { MeView } from '../wire';

export function meCommand(program: Command, wire: Wire): void {
  program.command('me').description('who you are to the API, and what you may do')
    .action(wire(async (cli) => {
      const me = await cli.client.get<MeView>('/v1/me');
      cli.output.show(me, () => cli.output.fields([
        ['name', `${me.subject.name} (${me.subject.type})`], ['email', me.subject.email],
        ['roles', me.roles.join(', ')], ['groups', me.groups.join(', ')],
        ['api', cli.target.apiUrl], ['from', cli.target.source.name],
      ]));
      return exitCode.done;
    }));
}
