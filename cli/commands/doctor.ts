import type { Command } from 'commander';
import type { Wire } from '../cli';
import { examine, type Finding } from '../diagnosis';
import { exitCode } from '../exit-code';
import type { Paint } from '../output';
import { oneLine, padEnd } from '../text';

export function doctorCommand(program: Command, wire: Wire): void {
  program.command('doctor').description('what is wrong between here and the workers, and what to do about it')
    .action(wire(async (cli) => {
      const findings = await examine(cli);
      const healthy = findings.every((finding) => finding.level !== 'fault');
      cli.output.show({ healthy, findings }, () => findings.flatMap((finding) => findingLines(finding, cli.output.paint)));
      return healthy ? exitCode.done : exitCode.unreachable;
    }));
}

function findingLines(finding: Finding, paint: Paint): string[] {
  const marks = { fine: paint.green('✓'), warning: paint.yellow('!'), fault: paint.red('✗') };
  return [
    `${marks[finding.level]} ${padEnd(finding.name, 14)} ${oneLine(finding.message)}`,
    ...(finding.advice === undefined ? [] : [`  ${' '.repeat(14)} ${paint.blue('=')} ${finding.advice}`]),
  ];
}
