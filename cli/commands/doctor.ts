import type { Command } from 'commander';
import type { Wire } from '../cli';
import { examine } from '../diagnosis';
import type { Finding } from '../diagnosis/finding';
import { exitCode } from '../exit-code';
import type { Paint } from '../output';
import { displayWidth, oneLine, padEnd } from '../text';

export function doctorCommand(program: Command, wire: Wire): void {
  program.command('doctor').description('what is wrong between here and the workers, and what to do about it; exit code 3 if something keeps you from working')
    .action(wire(async (cli) => {
      const findings = await examine(cli);
      const healthy = findings.every(({ status }) => status !== 'fail');
      const width = Math.max(...findings.map(({ name }) => displayWidth(name)));
      cli.output.show({ healthy, findings }, () => findings.flatMap((finding) => findingLines(finding, width, cli.output.paint)));
      return healthy ? exitCode.done : exitCode.unreachable;
    }));
}

function findingLines({ name, status, message, next }: Finding, width: number, paint: Paint): string[] {
  const marks = { ok: paint.green('✓'), warn: paint.yellow('!'), fail: paint.red('✗') };
  return [
    `${marks[status]} ${padEnd(oneLine(name), width)} ${oneLine(message)}`,
    ...(next === undefined ? [] : [`  ${' '.repeat(width)} ${paint.blue('=')} ${oneLine(next)}`]),
  ];
}
