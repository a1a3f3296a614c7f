import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../domain/errors';
import { parseOrRefuse } from './validation';

/** Request headers that routes understand, and what they mean: the documentation is made of this. */
export const headerSchemas = {
  'Idempotency-Key': z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .describe('the same key with the same body gives the same answer, for seven days; choose a new one for each new request'),
  Prefer: z.string().describe('`wait=30`: answer when it is final, or after so many seconds (at most 300)'),
  'If-Match': z.string().describe('the `ETag` that was read: refuses the change with 412 when somebody else was faster'),
  'If-None-Match': z.string().describe('`*`: refuses with 412 when it exists already'),
  'Last-Event-ID': z.string().regex(/^\d{0,15}$/, 'must be the number of an event').describe('continue after this event'),
  Range: z.string().describe('some bytes only (RFC 9110)'),
} as const;
export type HeaderName = keyof typeof headerSchemas;

/** A header of a request, if it has it. @throws AppError `request.invalid` */
export function headerOf(request: Request, name: HeaderName): string | undefined {
  const given = request.get(name);
  return given === undefined ? undefined : parseOrRefuse(z.object({ [name]: headerSchemas[name] }), { [name]: given })[name];
}

/** The Idempotency-Key of a request, if it has one. @throws AppError `request.invalid` */
export const idempotencyKeyOf = (request: Request): string | undefined => headerOf(request, 'Idempotency-Key');

const longestWaitSeconds = 300;

/** Seconds that the caller prefers to wait (RFC 7240), or 0. A preference that is not understood is ignored, as the RFC says. */
export function preferredWaitSeconds(request: Request): number {
  const wanted = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?=$|[,;\s])/i.exec(request.get('prefer') ?? '')?.[1];
  return Math.min(Number(wanted ?? 0), longestWaitSeconds);
}

const listOf = (header: string): string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/**
 * Checks `If-Match` and `If-None-Match` of a change (RFC 9110, 13.1).
 * @param etag of what is there now; undefined when there is nothing
 * @throws AppError `precondition_failed`
 */
export function checkPreconditions(request: Request, etag: string | undefined): void {
  const wanted = request.get('if-match');
  const matches = (header: string): boolean =>
    etag !== undefined && (header.trim() === '*' || listOf(header).includes(etag));
  if (wanted !== undefined && !matches(wanted)) {
    throw new AppError('precondition_failed', `It has changed since it was read: it is ${etag ?? 'not there'} now.`);
  }
  const unwanted = request.get('if-none-match');
  if (unwanted !== undefined && matches(unwanted)) throw new AppError('precondition_failed', `It exists already, as ${etag ?? ''}.`);
}
