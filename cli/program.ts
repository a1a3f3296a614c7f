import { Command, CommanderError, Option } from 'commander';
import { makeWire, type Host, type Wire } from './cli';
import { applyCommand } from './commands/apply';
import { approvalsCommand } from './commands/approvals';
import { artifactsCommand } from './commands/artifacts';
import { auditCommand } from './commands/audit';
import { completionCommand } from './commands/completion';
import { connectionsCommand } from './commands/connections';
import { doctorCommand } from './commands/doctor';
import { keysCommand } from './commands/keys';
import { meCommand } from './commands/me';
import { pipelinesCommand } from './commands/pipelines';
import { processorsCommand } from './commands/processors';
import { runCommand } from './commands/run';
import { runsCommand } from './commands/runs';
import { schemaCommand } from './commands/schema';
import { secretsCommand } from './commands/secrets';
import { validateCommand } from './commands/validate';
import { wantsColor } from './environment';
import { errorDocument, errorLines } from './error-report';
import { exitCode, exitCodeOfError, type ExitCode } from './exit-code';
import { columnsOf, makePaint } from './output';

const commands = [
  validateCommand, applyCommand, runCommand, runsCommand, approvalsCommand, artifactsCommand, pipelinesCommand, processorsCommand, schemaCommand,
  secretsCommand, connectionsCommand, keysCommand, auditCommand, meCommand, doctorCommand, completionCommand,
];

/** The whole command line, not yet run. */
export function buildProgram(host: Host, wire: Wire): Command {
  const program = new Command('datamcp')
    .description('Durable data pipelines on Temporal.')
    .version(host.version)
    // `run --version 3` means a pipeline's version: only what stands before the first command is the program's own.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      getOutHelpWidth: () => columnsOf(host.stdout, 100),
      getErrHelpWidth: () => columnsOf(host.stderr, 100),
    });
  for (const addTo of commands) addTo(program, wire);
  addGlobalOptions(program);
  return program;
}

/** Options that every command takes are accepted before and after its name. */
function addGlobalOptions(command: Command): void {
  command.addOption(new Option('--json', 'print JSON: one document, or one a line for streams'));
  command.addOption(new Option('--api-url <url>', 'address of the API, instead of the one found'));
  command.addOption(new Option('--key-file <file>', 'act with the key in this file, as another identity'));
  for (const each of command.commands) addGlobalOptions(each);
}

/**
 * Runs the command line once.
 * @param argv the arguments alone, without the program
 * @returns the exit code; everything that goes wrong is reported, nothing is thrown
 */
export async function execute(argv: readonly string[], host: Host): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = buildProgram(host, makeWire(host, (result) => {
    code = result;
  }));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.unknownCommand') host.stderr.write(elsewhere(program, argv));
    return report(error, argv, host);
  }
}

/** Whoever types `datamcp logs` is told of `datamcp runs logs`. */
function elsewhere(program: Command, argv: readonly string[]): string {
  const name = argv.find((each) => !each.startsWith('-'));
  const groups = program.commands.filter(({ commands: below }) => below.some((each) => each.name() === name)).map((group) => group.name());
  return groups.length === 0 ? '' : `there is: ${groups.map((group) => `datamcp ${group} ${name ?? ''}`).join(', ')}\n`;
}

/** Commander has told usage errors already; programs that asked for JSON get a document of every error. */
function report(error: unknown, argv: readonly string[], host: Host): ExitCode {
  const json = argv.includes('--json');
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.done;
    if (json) host.stdout.write(`${JSON.stringify({ error: { code: 'usage', message: error.message, retryable: false } })}\n`);
    return exitCode.usage;
  }
  const paint = makePaint(wantsColor(host.variables, host.stderr.isTTY === true));
  host.stderr.write(`${errorLines(error, paint).join('\n')}\n`);
  if (json) host.stdout.write(`${JSON.stringify(errorDocument(error))}\n`);
  return exitCodeOfError(error);
}
