import type { Argument, Command, Option } from 'commander';
import { buildProgram } from '../program';
import { table } from './markdown';

/** The command line for those who only read what it offers: nothing of it runs. */
export const readableProgram = (): Command => buildProgram({
  variables: {}, cwd: '', stdout: process.stdout, stderr: process.stderr, version: '', nowMs: Date.now, onInterrupt: () => () => undefined,
}, () => async () => undefined);

/** Options that every command takes, and its help, are told once. */
const everywhere: ReadonlySet<string | undefined> = new Set(['--json', '--api-url', '--key-file', '--help']);

/** A section for each command that does something, in the order of the program. */
export function commandsReference(program: Command): string {
  const { commands } = program;
  return commands.flatMap((command) => sectionsOf(command, program.name())).join('\n\n');
}

function sectionsOf(command: Command, parent: string): string[] {
  const path = `${parent} ${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((each) => sectionsOf(each, path));
  const options = command.options.filter((option) => !everywhere.has(option.long));
  // What says nothing beyond its name needs no line.
  const rows = [...command.registeredArguments.map(argumentRow), ...options.map(optionRow)].filter(([, meaning]) => meaning !== '');
  return [[
    `### \`${[path, ...command.registeredArguments.map(usageOf)].join(' ')}\``,
    sentence(command.description()),
    ...(rows.length === 0 ? [] : [table(['', 'what'], rows)]),
  ].join('\n\n')];
}

const usageOf = (argument: Argument): string => {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
};

const argumentRow = (argument: Argument): string[] => [`\`${argument.name()}\``, meaningOf(argument)];
const optionRow = (option: Option): string[] => [`\`${option.flags}\``, meaningOf(option)];

function meaningOf({ description, argChoices, defaultValue }: Pick<Option, 'description' | 'argChoices' | 'defaultValue'>): string {
  const choices = argChoices?.map((choice) => `\`${choice}\``).join(', ');
  const fallback = defaultValue === undefined ? '' : `(default: \`${JSON.stringify(defaultValue)}\`)`;
  return [description, choices && `(${choices})`, fallback].filter(Boolean).join(' ');
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
