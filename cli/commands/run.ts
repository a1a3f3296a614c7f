import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { JsonObject } from '../../domain/json';
import type { RunView } from '../../domain/pipeline/run';
import type { Cli, Wire } from '../cli';
import { looksLikeFile, readBytes, readDocument } from '../document';
import { exitCode, type ExitCode } from '../exit-code';
import { parseInputs, parseInputsFile } from '../inputs';
import { collect, durationMs, labelOption, wholeNumber } from '../options';
import { showStarted, waitForRun } from '../started-run';
import { requirePlan } from '../validation';
import type { DefinitionView, InputSpecs } from '../wire';
import { appliedLine, applyDocument } from './apply';

interface RunOptions {
  input?: string[];
  inputsFile?: string;
  wait?: true;
  /** False with `--no-links`. */
  links: boolean;
  timeout?: number;
  untilDecision?: true;
  label?: Record<string, string>;
  priority?: number;
  version?: number;
  dryRun?: true;
  idempotencyKey?: string;
}

export function runCommand(program: Command, wire: Wire): void {
  program.command('run')
    .description('start a run of a pipeline; a FILE is applied first if it changed')
    .argument('<file|name>', 'a document, or the name of a stored pipeline')
    .option('-i, --input <name=value>', 'an input: name=text, name=@file or name:=json (repeatable)', collect)
    .option('--inputs-file <file>', 'inputs as one JSON or YAML object; --input wins')
    .option('-w, --wait', 'show the run until it ends, and exit by its status')
    .option('--timeout <duration>', 'with --wait: give up after this time (exit code 4); the run goes on', durationMs)
    .option('--until-decision', 'with --wait: leave as soon as a task asks people for a decision (exit code 4); the run goes on')
    .option('--no-links', 'with --wait: do not end with the address of the run in the Temporal UI')
    .option('-l, --label <name=value>', 'a label of the run (repeatable)', labelOption)
    .option('--priority <1-5>', '1 is first', wholeNumber)
    .option('--version <number>', 'an older version of the pipeline', wholeNumber)
    .option('--dry-run', 'check the inputs and say what would run, start nothing')
    .option('--idempotency-key <key>', 'the same key starts one run, however often it is sent')
    .action(wire(async (cli, argument: string, options: RunOptions) => {
      const subject = looksLikeFile(argument) ? await fromFile(cli, argument, options) : await fromName(cli, argument, options);
      const run = await startRun(cli, subject.name, readInputs(cli, options, subject.inputs), subject.version, options);
      return options.dryRun ? showDryRun(cli, run) : options.wait ? await waitForRun(cli, run, options) : showStarted(cli, run);
    }));
}

/** A pipeline that can be started, and what it takes. */
interface Subject {
  name: string;
  version: number | undefined;
  inputs: InputSpecs;
}

async function fromFile(cli: Cli, file: string, options: RunOptions): Promise<Subject> {
  const document = readDocument(cli.host.cwd, file);
  const plan = await requirePlan(cli, document);
  const applied = await applyDocument(cli, { document, plan }, options.dryRun);
  if (applied.change !== 'unchanged') cli.output.note(appliedLine(applied, cli.output.notePaint));
  // A dry run stores nothing, so a version that it would make cannot be named.
  return { name: plan.name, version: options.version ?? (options.dryRun ? undefined : applied.version), inputs: plan.inputs ?? {} };
}

async function fromName(cli: Cli, name: string, options: RunOptions): Promise<Subject> {
  const path = `/v1/pipelines/${encodeURIComponent(name)}${options.version === undefined ? '' : `/versions/${options.version}`}`;
  const { plan } = await cli.client.get<DefinitionView>(path);
  return { name, version: options.version, inputs: plan.inputs };
}

/** Reads the file that an option names, or standard input for `-`. */
export const readInputFile = (cli: Cli) => (path: string): string => readBytes(cli.host.cwd, path).toString('utf8');

function readInputs(cli: Cli, options: RunOptions, specs: InputSpecs): JsonObject {
  const read = readInputFile(cli);
  const fromFileOption = options.inputsFile === undefined ? {} : parseInputsFile(options.inputsFile, read);
  return { ...fromFileOption, ...parseInputs(options.input ?? [], specs, read) };
}

/** A repeated POST carries the same key, so a broken connection never starts a second run. */
function startRun(cli: Cli, name: string, inputs: JsonObject, version: number | undefined, options: RunOptions): Promise<RunView> {
  return cli.client.post<RunView>(`/v1/pipelines/${encodeURIComponent(name)}/runs`, {
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
    json: { inputs, version, priority: options.priority, labels: options.label, dryRun: options.dryRun },
  });
}

function showDryRun(cli: Cli, run: RunView): ExitCode {
  cli.output.show(run, () => [`would start ${cli.output.paint.bold(run.pipeline)} v${run.version} with ${JSON.stringify(run.inputs)}`]);
  return exitCode.done;
}
