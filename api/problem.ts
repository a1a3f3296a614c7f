import type { ErrorRequestHandler, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { AppError, errorCodes, type ErrorCode } from '../domain/errors';
import { isPostgresAway } from '../platform/postgres';
import { isTemporalUnreachable } from '../platform/temporal';
import { requestState } from './request-state';

export const faultSchema = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string().describe('JSON pointer (RFC 6901) into the document or body'),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  suggestion: z.string().optional(),
}).meta({ id: 'Fault' });

/** Problem details (RFC 9457); what an error carries in `details` stands beside the standard members. */
export const problemSchema = z.looseObject({
  type: z.string().describe('`urn:datamcp:error:<code>`'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().describe('stable: made for programs'),
  requestId: z.string(),
  errors: z.array(faultSchema).optional().describe('everything that is wrong with a document or body'),
  currentStatus: z.string().optional().describe('why an action is not possible'),
}).meta({ id: 'Problem' });

const retryAfterSeconds = 2;

/** What body-parser and the router of Express throw, by `type` or status. */
function edgeError(error: Error): AppError | undefined {
  const type = 'type' in error && typeof error.type === 'string' ? error.type : '';
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 0;
  if (type === 'entity.too.large') return new AppError('request.too_large', 'The body is larger than this call takes.');
  if (status === 415) return new AppError('request.unsupported_media', error.message);
  if (status >= 400 && status < 500) return new AppError('request.malformed', error.message);
  return undefined;
}

/** Turns whatever was thrown into the one error class; what nobody expected tells the caller nothing. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isPostgresAway(error)) return new AppError('unavailable', 'The database cannot be used now. Nothing was changed; try again.', { cause: error, retryable: true });
  if (isTemporalUnreachable(error)) return new AppError('unavailable', 'Temporal cannot be reached. Try again.', { cause: error, retryable: true });
  const known = error instanceof Error ? edgeError(error) : undefined;
  return known ?? new AppError('internal', 'Something unexpected went wrong. The log has more under this request id.', { cause: error });
}

const needsRetryAfter: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unavailable', 'artifacts_unavailable', 'rate_limited', 'idempotency.in_flight']);

/** The headers that an error asks for, beside the type of the body. */
function problemHeaders(response: Response, error: AppError, acceptsHtml: boolean): Record<string, string> {
  return {
    // Also where the answer that failed could have been kept.
    'Cache-Control': 'no-store',
    // A rate limit has said already when it ends.
    ...(needsRetryAfter.has(error.code) && response.get('Retry-After') === undefined && { 'Retry-After': String(retryAfterSeconds) }),
    // Only a person who opens a link gets the browser's dialogue: programs are expected to send a bearer key.
    ...(error.code === 'auth.required' && { 'WWW-Authenticate': acceptsHtml ? 'Basic realm="datamcp", charset="UTF-8"' : 'Bearer' }),
  };
}

/** An error as it goes over the wire. */
export function problemBody(error: AppError, requestId: string): z.output<typeof problemSchema> {
  const status = errorCodes[error.code];
  const details = typeof error.details === 'object' && !Array.isArray(error.details) ? error.details : {};
  return {
    ...details,
    type: `urn:datamcp:error:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    requestId,
  };
}

function sendProblem(response: Response, error: AppError, acceptsHtml: boolean): void {
  const body = problemBody(error, requestState(response).id);
  response.status(body.status).set(problemHeaders(response, error, acceptsHtml)).type('application/problem+json').send(JSON.stringify(body));
}

/** Last handler of the app: every error ends here. */
export const problemHandler: ErrorRequestHandler = (thrown: unknown, request, response, _next) => {
  const error = toAppError(thrown);
  const state = requestState(response);
  state.code = error.code;
  if (errorCodes[error.code] >= 500) state.log.error('request failed', { error: error.cause ?? error });
  if (response.headersSent) {
    // Half of the answer is out: an honest client must see it break off, not end.
    response.destroy();
    return;
  }
  sendProblem(response, error, request.accepts(['json', 'html']) === 'html');
};
