import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure, isCancellation, rootCause } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import type { FailureDetails } from '../../domain/pipeline/task-input';

/** How a unit ended without success, as the run keeps it. */
export interface UnitFailure {
  cancelled: boolean;
  error: ErrorInfo;
  times?: FailureDetails;
}

/** Reads what Temporal says of a failed activity: our own failures carry their code as type and their times as details. */
export function unitFailure(failure: unknown): UnitFailure {
  if (isCancellation(failure)) return { cancelled: true, error: { code: 'cancelled', message: 'Cancelled', retryable: false } };
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  if (cause instanceof CancelledFailure) return { cancelled: true, error: { code: 'cancelled', message: 'Cancelled', retryable: false } };
  if (cause instanceof TimeoutFailure) return { cancelled: false, error: timeoutError(cause) };
  if (cause instanceof ApplicationFailure) return applicationFailure(cause);
  return { cancelled: false, error: { code: 'task_failed', message: rootCause(failure) ?? String(failure), retryable: false } };
}

function applicationFailure(cause: ApplicationFailure): UnitFailure {
  const times = isTimes(cause.details?.[0]) ? cause.details[0] : undefined;
  // Over the wire a failure without a type has an empty one: workers of other languages send it so.
  const error: ErrorInfo = { code: cause.type ? cause.type : 'task_failed', message: cause.message, retryable: !cause.nonRetryable };
  if (times?.details !== undefined) error.details = times.details;
  return { cancelled: false, error, ...(times && { times }) };
}

function timeoutError(cause: TimeoutFailure): ErrorInfo {
  return cause.timeoutType === 'HEARTBEAT'
    ? { code: 'worker_lost', message: 'The worker that ran the last attempt was lost, and no attempt is left', retryable: true }
    : { code: 'timed_out', message: 'The task did not end within its timeout', retryable: true };
}

const isTimes = (value: unknown): value is FailureDetails =>
  typeof value === 'object' && value !== null && 'attempt' in value && 'startedAt' in value && 'finishedAt' in value;
