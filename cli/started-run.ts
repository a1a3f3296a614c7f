import type { RunView } from '../domain/pipeline/run';
import type { Cli } from './cli';
import { exitCode, type ExitCode } from './exit-code';
import { acceptedLine } from './permanent-lines';
import { watchRun } from './watch';

interface WaitOptions {
  links?: boolean;
  /** Milliseconds. */
  timeout?: number;
  untilDecision?: true;
}

/** Shows a run that was just started until it ends; the exit code is that of its status. */
export async function waitForRun(cli: Cli, run: RunView, { links, timeout: timeoutMs, untilDecision }: WaitOptions): Promise<ExitCode> {
  const watched = await watchRun(cli, run, {
    mode: cli.output.json ? 'silent' : 'live', ...(links !== undefined && { links }), ...(timeoutMs !== undefined && { timeoutMs }), ...(untilDecision && { untilDecision }),
  });
  if (cli.output.json) cli.output.document(watched.run);
  return watched.code;
}

/** Says that a run was accepted, and how to watch it. */
export function showStarted(cli: Cli, run: RunView): ExitCode {
  const { paint } = cli.output;
  cli.output.show(run, () => [acceptedLine(run, paint), `  ${paint.dim('watch it with')} datamcp runs watch ${run.id}`]);
  return exitCode.done;
}
