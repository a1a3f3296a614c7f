import { AppError, errorCodes, type ErrorCode } from '../domain/errors';
import type { Json, JsonObject } from '../domain/json';
import type { Fault } from '../domain/pipeline/fault';
import { isJsonObject, readJsonObject } from './json-text';

/** The parts of a problem+json body (RFC 9457) that the command line shows. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  requestId?: string;
  errors?: Fault[];
}

const codeByStatus = new Map<number, ErrorCode>([
  [400, 'request.malformed'], [401, 'auth.required'], [403, 'auth.forbidden'], [404, 'not_found'], [405, 'method_not_allowed'],
  [409, 'conflict'], [413, 'request.too_large'], [422, 'request.invalid'], [429, 'rate_limited'], [502, 'unavailable'],
  [503, 'unavailable'], [504, 'unavailable'],
]);

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** Makes an error of an answer; a body that is no problem+json (a proxy's page, say) is told by its status alone. */
export function problemError(status: number, body: string, requestId: string | null): AppError {
  const problem = { status, detail: `The API answered ${status}.`, ...(requestId && { requestId }), ...readJsonObject(body) };
  const { code, detail } = readProblem({ ...problem, status });
  const known = isErrorCode(code) ? code : codeByStatus.get(status) ?? (status >= 500 ? 'internal' : 'request.invalid');
  return new AppError(known, detail, { retryable: status === 429 || status >= 500, details: { problem: { ...problem, status } } });
}

/** A document that faults speak of. */
export interface Source {
  name: string;
  text: string;
}

/**
 * An error of the command line itself that has several faults, in the shape in which the API would tell them.
 * @param source where the faults are, to show their lines
 */
export function faultsError(code: ErrorCode, detail: string, faults: readonly Fault[], source?: Source): AppError {
  const errors = faults.map((fault): JsonObject => ({ ...fault }));
  const problem = { status: errorCodes[code], code, detail, errors };
  return new AppError(code, detail, { details: { problem, ...(source && { source: { name: source.name, text: source.text } }) } });
}

/** The document that the faults of an error are in, if it is known. */
export function sourceOf(error: AppError): Source | undefined {
  const source = isJsonObject(error.details) ? error.details['source'] : undefined;
  if (!isJsonObject(source)) return undefined;
  return { name: text(source['name']) ?? '', text: text(source['text']) ?? '' };
}

/** The problem that an error came from, if it has one. */
export function problemOf(error: AppError): Problem | undefined {
  const problem = isJsonObject(error.details) ? error.details['problem'] : undefined;
  return isJsonObject(problem) ? readProblem(problem) : undefined;
}

function readProblem({ status, code, detail, requestId, errors }: JsonObject): Problem {
  return {
    status: typeof status === 'number' ? status : 0,
    code: text(code) ?? '',
    detail: text(detail) ?? '',
    ...(typeof requestId === 'string' && { requestId }),
    ...(Array.isArray(errors) && { errors: errors.filter(isJsonObject).map(readFault) }),
  };
}

function readFault({ code, message, path, line, column, suggestion }: JsonObject): Fault {
  return {
    code: text(code) ?? '', message: text(message) ?? '', path: text(path) ?? '',
    ...(typeof line === 'number' && { line }),
    ...(typeof column === 'number' && { column }),
    ...(typeof suggestion === 'string' && { suggestion }),
  };
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
