import { ApplicationFailure } from '@temporalio/common';
import { AppError, errorMessage, type ErrorInfo } from '../../domain/errors';
import type { Json } from '../../domain/json';
import { limits } from '../../domain/limits';
import { askedDelayMs } from '../../domain/pipeline/retry';
import type { FailureDetails } from '../../domain/pipeline/task-input';
import { isPostgresAway } from '../../platform/postgres';
import type { SecretMask } from '../../platform/secret-mask';

/** Cuts a text to a number of UTF-8 bytes, with a mark. */
function cutText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const mark = ' … (cut)';
  return Buffer.from(text).subarray(0, maxBytes - Buffer.byteLength(mark)).toString('utf8').replace(/\ufffd+$/, '') + mark;
}

/** What is wrong, in the product's words: our own errors as they are, anything else as a failure worth a retry. */
export function errorInfo(error: unknown, mask: SecretMask): ErrorInfo {
  const message = cutText(mask.text(errorMessage(error)), limits.errorTextBytes);
  if (error instanceof AppError) {
    return { code: error.code, message, retryable: error.retryable, ...(error.details !== undefined && { details: cutDetails(mask.json(error.details)) }) };
  }
  if (isPostgresAway(error)) return { code: 'unavailable', message: `Postgres cannot be used: ${message}`, retryable: true };
  return { code: 'task_failed', message: message || 'Failed without a message', retryable: true };
}

/** Details are for people: more than an error text may hold is left out. */
const cutDetails = (details: Json): Json => (JSON.stringify(details).length <= limits.errorTextBytes ? details : { cut: 'the details are over 4 KiB' });

/** The failure as Temporal is told: type = code, so that `retry.nonRetryable` and the Temporal UI speak of codes. */
export function activityFailure(info: ErrorInfo, times: Omit<FailureDetails, 'details'>): ApplicationFailure {
  const nextRetryDelay = askedDelayMs(info);
  return ApplicationFailure.create({
    type: info.code,
    message: info.message,
    nonRetryable: !info.retryable,
    details: [{ ...times, ...(info.details !== undefined && { details: info.details }) }],
    ...(nextRetryDelay !== undefined && { nextRetryDelay }),
  });
}
