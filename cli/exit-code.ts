import { AppError, errorCodes } from '../domain/errors';
import { isFinalRun, type RunStatus } from '../domain/pipeline/status';

/** What a script can rely on (docs/cli.md). */
export const exitCode = {
  done: 0,
  runFailed: 1,
  usage: 2,
  unreachable: 3,
  /** The time to wait is over; the run goes on. */
  gaveUp: 4,
  /** Ctrl-C while watching; the run goes on. */
  detached: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A run that is not final has only been waited for. */
export function exitCodeOfRun(status: RunStatus): ExitCode {
  if (!isFinalRun(status)) return exitCode.gaveUp;
  return status === 'succeeded' ? exitCode.done : exitCode.runFailed;
}

/** Not allowed, too busy or broken at the other side is `unreachable`; all else is for the caller to correct. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!(error instanceof AppError)) return exitCode.usage;
  const status = errorCodes[error.code];
  return status === 401 || status === 403 || status === 429 || status >= 500 ? exitCode.unreachable : exitCode.usage;
}
