import { createWriteStream } from 'node:fs';
import { lstat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lookup as contentTypeOf } from 'mime-types';
import { z } from 'zod';
import type { ArtifactRef } from '../../domain/artifact';
import { AppError } from '../../domain/errors';
import { checkArtifactName } from '../../platform/artifacts';
import { defineProcessor, type ProcessorContext } from '../processor';
import { LineLog } from './line-log';
import { runProgram, type ProgramEnd } from './program';
import { ProgramOutput, stdoutUses } from './program-output';
import { scalar, texts } from './shapes';
import { artifactRefSchema } from './sources';

/** Variables that decide which code an allowed program loads: with them, any program would be allowed. */
const loaderVariable = /^(LD_.*|DYLD_.*|PATH|ENV|BASH_ENV|NODE_OPTIONS|NODE_PATH|PYTHON(PATH|HOME|STARTUP)|PERL5?(LIB|OPT)|RUBY(LIB|OPT)|JAVA_TOOL_OPTIONS)$/;

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .refine((name) => !loaderVariable.test(name), { error: 'decides which code programs load, and is not for pipelines to set' });

const input = z.strictObject({
  program: z.string().min(1).describe('Program that an operator has allowed: its path, or the last part of it'),
  args: z.array(scalar).max(10_000).default([]).describe('Arguments. No shell reads them: each is passed on as it is'),
  script: z.string().min(1).optional()
    .describe('Program text for an interpreter (sh, python3, …): it is put into a file, which becomes the first argument. Values go in through `args` and `env`'),
  env: z.record(variable, scalar).default({}).describe('Environment. Beside it there is only PATH'),
  files: z.record(z.string(), artifactRefSchema).default({}).describe('Artifacts that are put into the working folder, by file name'),
  save: z.array(z.string().min(1)).max(100).default([]).describe('Files in the working folder that are kept as artifacts when the program has succeeded'),
  stdout: z.enum(stdoutUses).default('log').describe('log writes standard output to the log of the task; text and json make it the output, up to 64 KiB'),
  success: z.array(z.int().min(0).max(255)).min(1).default([0]).describe('Exit codes that are a success'),
  graceMs: z.int().min(0).max(25_000).default(10_000).describe('Time that the program and its children have after SIGTERM, before SIGKILL, in milliseconds'),
});

const output = z.object({
  exitCode: z.int(),
  stdout: z.unknown().optional().describe('Standard output, when it was asked for'),
  artifacts: z.record(z.string(), artifactRefSchema).describe('The files that were kept, by name'),
});

type Input = z.output<typeof input>;

/** No artifact can have this name. */
const scriptFile = '.script';

export const shellRun = defineProcessor({
  name: 'shell.run',
  title: 'Program',
  description: 'Runs a program with arguments in a new, empty folder, without a shell. Off until an operator allows programs with DATAMCP_SHELL_PROGRAMS. Standard error goes to the log of the task. When the task is cancelled or times out, the program and its children are ended.',
  version: '1.0.0',
  literal: ['program', 'script'],
  input,
  output,
  process: async (context, call) => {
    const path = allowedProgram(context.config.DATAMCP_SHELL_PROGRAMS, call.program);
    for (const name of [...Object.keys(call.files), ...call.save]) checkArtifactName(name);
    const cwd = await context.artifacts.scratch();
    await prepare(context, call, cwd);
    const { end, stdout } = await run(context, call, path, cwd);
    return { exitCode: end.exitCode ?? 0, ...(stdout !== undefined && { stdout }), artifacts: await keep(context, call.save, cwd) };
  },
});

/** @throws AppError `access_denied` */
function allowedProgram(allowed: readonly string[], program: string): string {
  if (allowed.length === 0) throw new AppError('access_denied', 'shell.run is off; an operator allows programs with DATAMCP_SHELL_PROGRAMS');
  const found = allowed.filter((path) => path === program || basename(path) === program);
  if (found[0] === undefined) throw new AppError('access_denied', `"${program}" is not among the allowed programs (${allowed.map((path) => basename(path)).join(', ')})`);
  if (found.length > 1) throw new AppError('input_invalid', `"${program}" stands for ${found.join(' and ')}: give the path`);
  return found[0];
}

async function prepare(context: ProcessorContext, { files, script }: Input, cwd: string): Promise<void> {
  if (script !== undefined) await writeFile(join(cwd, scriptFile), script);
  for (const [name, ref] of Object.entries(files)) {
    await pipeline(await context.artifacts.open(ref, context.signal), createWriteStream(join(cwd, name)), { signal: context.signal });
  }
}

async function run(context: ProcessorContext, call: Input, path: string, cwd: string): Promise<{ end: ProgramEnd; stdout: unknown }> {
  const stdout = new ProgramOutput(call.stdout, (line) => context.logger.info(line));
  const stderr = new LineLog((line) => context.logger.warn(line));
  let lastWords = '';
  const end = await runProgram({
    path, cwd, graceMs: call.graceMs,
    args: [...(call.script === undefined ? [] : [scriptFile]), ...call.args.map(String)],
    env: { PATH: context.config.PATH, ...texts(call.env) },
    signal: AbortSignal.any([context.signal, stdout.tooLarge]),
    onStdout: (text) => stdout.add(text),
    onStderr: (text) => {
      stderr.add(text);
      lastWords = (lastWords + text).slice(-lastWordsLength);
    },
  });
  stdout.end();
  stderr.end();
  context.signal.throwIfAborted();
  stdout.tooLarge.throwIfAborted();
  if (end.exitCode === null || !call.success.includes(end.exitCode)) throw failure(basename(path), end, lastWords.trim());
  return { end, stdout: stdout.value() };
}

const lastWordsLength = 1_000;

function failure(program: string, { exitCode, signal }: ProgramEnd, lastWords: string): AppError {
  const how = exitCode === null ? `was ended by ${signal}` : `ended with exit code ${exitCode}`;
  return new AppError('program_failed', `${program} ${how}${lastWords === '' ? '' : `: ${lastWords}`}`, { retryable: true, details: { exitCode, signal } });
}

async function keep(context: ProcessorContext, names: readonly string[], cwd: string): Promise<Record<string, ArtifactRef>> {
  const kept: Record<string, ArtifactRef> = {};
  for (const name of names) {
    const file = join(cwd, name);
    // A link could lead anywhere.
    const isFile = await lstat(file).then((found) => found.isFile(), () => false);
    if (!isFile) throw new AppError('program_failed', `the program has succeeded, and left no file "${name}" to keep`);
    kept[name] = await context.artifacts.save(name, contentTypeOf(name) || 'application/octet-stream', { file }, context.signal);
  }
  return kept;
}
