import type { Command } from 'commander';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { moment } from '../options';
import type { AbsenceView } from '../wire';

/** `approvals absences`: who decides in place of whoever calls while they are away. */
export function absencesCommand(approvals: Command, wire: Wire): void {
  const group = approvals.command('absences').description('who decides for you while you are away, in every approval that is asked for from now on');

  group.command('set').description('lend your votes for some time').argument('<person>', 'who may vote for you')
    .requiredOption('--until <time>', 'when you are back', moment)
    .option('--since <time>', 'when you leave; at once, if it is not given', moment)
    .action(wire(async (cli, to: string, { since, until }: { since?: string; until: string }) => {
      const absence = await cli.client.post<AbsenceView>('/v1/delegations', { json: { to, since, until } });
      cli.output.show(absence, () => [`${absence.to} may vote for you from ${absence.since} until ${absence.until}.`, 'What was asked for before is not concerned: lend that by `approvals delegate`.']);
      return exitCode.done;
    }));

  group.command('list').description('your absences that have not ended')
    .action(wire(async (cli) => {
      const { items } = await cli.client.get<{ items: AbsenceView[] }>('/v1/delegations');
      cli.output.table(columns(cli), items, 'No absences.');
      return exitCode.done;
    }));

  group.command('remove').description('end an absence; approvals that were asked for meanwhile keep it').argument('<id>', 'as `list` shows it')
    .action(wire(async (cli, id: string) => {
      const absence = await cli.client.delete<AbsenceView>(`/v1/delegations/${encodeURIComponent(id)}`);
      cli.output.show(absence, () => [`The absence ${absence.id} is removed.`]);
      return exitCode.done;
    }));
}

const columns = ({ output: { paint } }: Cli) => [
  { title: 'ABSENCE', value: ({ id }: AbsenceView) => id },
  { title: 'WHO VOTES', value: ({ to }: AbsenceView) => to, paint: paint.bold },
  { title: 'SINCE', value: ({ since }: AbsenceView) => since },
  { title: 'UNTIL', value: ({ until }: AbsenceView) => until },
];
