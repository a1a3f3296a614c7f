import { AppError, errorMessage } from '../domain/errors';
import type { Fault } from '../domain/pipeline/fault';
import { faultLines } from './fault-report';
import { isJsonObject } from './json-text';
import type { Paint } from './output';
import { problemOf, sourceOf } from './problem';
import { oneLine, safeText } from './text';

/** What a failed command says with `--json`. */
export interface ErrorDocument {
  error: { code: string; message: string; retryable: boolean; status?: number; requestId?: string; errors?: Fault[] };
}

const hints: Partial<Record<string, string>> = {
  'auth.required': 'set DATAMCP_API_KEY, or call from the folder of a running local stack',
  'auth.forbidden': 'see your roles with `datamcp me`; an administrator can make a key with more: `datamcp keys create`',
  'rate_limited': 'the API is busy; try again in a moment',
  'internal': 'a fault of the API: its log has this request id',
};

/** An error for people: cause, faults with their places, what to do, and the id to quote. */
export function errorLines(error: unknown, paint: Paint): string[] {
  if (!(error instanceof AppError)) return [`${paint.bold(paint.red('error'))}: ${safeText(error instanceof Error ? error.stack ?? error.message : String(error))}`];
  const problem = problemOf(error);
  const source = sourceOf(error);
  const hint = hintOf(error);
  return [
    ...(source
      ? (problem?.errors ?? []).flatMap((fault) => faultLines(fault, source, paint))
      : faultsBeyond(error.message, problem?.errors ?? []).flatMap((fault) => requestFaultLines(fault, paint))),
    `${paint.bold(paint.red(`error[${problem?.code || error.code}]`))}${paint.bold(`: ${safeText(error.message)}`)}`,
    ...(hint === undefined ? [] : [`  ${paint.blue('=')} ${hint}`]),
    ...(problem?.requestId === undefined ? [] : [`  ${paint.blue('=')} ${paint.dim(`request id ${oneLine(problem.requestId)}`)}`]),
  ];
}

export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof AppError)) {
    return { error: { code: 'internal', message: errorMessage(error), retryable: false } };
  }
  const problem = problemOf(error);
  return {
    error: {
      code: problem?.code || error.code, message: error.message, retryable: error.retryable,
      ...(problem && { status: problem.status }),
      ...(problem?.requestId !== undefined && { requestId: problem.requestId }),
      ...(problem?.errors && { errors: problem.errors }),
    },
  };
}

function hintOf(error: AppError): string | undefined {
  const own = isJsonObject(error.details) ? error.details['hint'] : undefined;
  return typeof own === 'string' ? own : hints[error.code];
}

/** A single fault that the message tells already is not told twice. */
const faultsBeyond = (message: string, faults: Fault[]): Fault[] =>
  (faults.length === 1 && faults[0] && message.includes(faults[0].message) ? [] : faults);

/** A fault of a request has no document that could be shown. */
const requestFaultLines = (fault: Fault, paint: Paint): string[] => [
  `  ${paint.red(fault.path || '/')}: ${oneLine(fault.message)}${fault.suggestion ? ` (${oneLine(fault.suggestion)})` : ''}`,
];
