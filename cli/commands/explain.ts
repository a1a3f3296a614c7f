import type { Command } from 'commander';
import { AppError } from '../../domain/errors';
import type { Wire } from '../cli';
import { exitCode } from '../exit-code';
import { explanationLines, explanationOf } from '../explanation';
import { runArgument } from '../options';
import { resolveRunId } from '../resource-id';

/** `runs explain`. */
export function explainCommand(group: Command, wire: Wire): void {
  group.command('explain').description('why a run, or one of its tasks, is where it is, and what to do about it')
    .argument(...runArgument).argument('[task]', 'a task of it, or an instance of a forEach: by_airport[3]')
    .action(wire(async (cli, argument: string, unit: string | undefined) => {
      const explanation = await explanationOf(cli, await resolveRunId(cli.client, argument), unitOf(unit));
      cli.output.show(explanation, () => explanationLines(cli.output, explanation));
      return exitCode.done;
    }));
}

/** @throws AppError `request.invalid` for what is no name of a task or instance */
function unitOf(text: string | undefined): { task?: string; instance?: number } {
  if (text === undefined) return {};
  const [, task, instance] = /^([a-z][a-z0-9_]*)(?:\[(\d+)\])?$/.exec(text) ?? [];
  if (task === undefined) throw new AppError('request.invalid', `"${text}" is no task: give its id, or id[number] for an instance`);
  return { task, ...(instance !== undefined && { instance: Number(instance) }) };
}
