import { refusalCodes } from './approval/refusal';
import type { Json } from './json';

/**
 * Every code that the product answers with, and the HTTP status that it has on the wire.
 * An activity failure carries the same code as its Temporal failure type.
 */
export const errorCodes = {
  'request.invalid': 422,
  'request.malformed': 400,
  'request.timeout': 408,
  'request.too_large': 413,
  'request.head_too_large': 431,
  'request.unsupported_media': 415,
  'auth.required': 401,
  'auth.forbidden': 403,
  'not_found': 404,
  'method_not_allowed': 405,
  'conflict': 409,
  'range_not_satisfiable': 416,
  'precondition_failed': 412,
  'definition.invalid': 422,
  'inputs.invalid': 422,
  'pipeline.archived': 409,
  'run.concurrency_limit': 409,
  'run.not_possible': 409,
  'run.unrelated': 422,
  'rerun.changed': 409,
  'rerun.results_removed': 409,
  ...refusalCodes,
  'idempotency.in_flight': 409,
  'idempotency.mismatch': 422,
  'rate_limited': 429,
  'unavailable': 503,
  'internal': 500,
  // Failures of tasks and runs: they travel in `error` of a run or task, not as an HTTP status.
  'input_invalid': 422,
  'expression_failed': 422,
  'output_too_large': 422,
  'input_too_large': 422,
  'output_invalid': 422,
  'assertion_failed': 422,
  'validation_failed': 422,
  'timed_out': 504,
  'worker_lost': 500,
  'cancelled': 409,
  'terminated': 409,
  'processor_missing': 422,
  'secret_missing': 422,
  'secret_too_short': 422,
  'key_missing': 422,
  'decryption_failed': 422,
  'connection_unknown': 422,
  'connection_failed': 503,
  'query_failed': 422,
  'access_denied': 422,
  'http_status': 502,
  'http_failed': 502,
  'circuit_open': 503,
  'program_failed': 422,
  'artifacts_refused': 502,
  'artifacts_full': 507,
  'artifacts_unavailable': 503,
  'mail_rejected': 502,
  'mail_failed': 502,
  'child_run_failed': 422,
  'approval_rejected': 422,
  'approval_expired': 422,
  'approval_withdrawn': 422,
  'task_failed': 422,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A failure as data: what users, logs, rows and Temporal failures carry. */
export interface ErrorInfo {
  code: string;
  message: string;
  retryable: boolean;
  details?: Json;
}

/**
 * The one error class of the product.
 * `retryable` says whether the same attempt may succeed later without anyone changing anything.
 */
export class AppError extends Error implements ErrorInfo {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details?: Json;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; details?: Json; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    if (options.details !== undefined) this.details = options.details;
  }
}

/** What a caught value says: anything may be thrown. */
export const errorMessage = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** A failure as the last words of a process: `conflict: Migration …`. */
export function failureText(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}`;
  return errorMessage(error);
}
