import { AppError } from '../../domain/errors';
import type { HttpResponse } from '../../platform/http';
import { boundedBytes } from './bounded-body';
import { retryAfterMs } from './retry-after';

const excerptBytes = 1024;
/** Statuses after which the same request may succeed: request time-out, too early, too many requests; and every 5xx. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Takes a status for a success: one of those expected, or 200 to 299.
 * @throws AppError `http_status` with the begin of the answer, and with how long it asks to wait
 */
export async function checkStatus(response: HttpResponse, expected?: readonly number[]): Promise<void> {
  const { status } = response;
  if (expected === undefined ? status >= 200 && status < 300 : expected.includes(status)) return;
  const waitMs = retryAfterMs(response.headers['retry-after'], Date.now());
  const excerpt = (await boundedBytes(response.body, excerptBytes)).bytes.toString('utf8');
  throw new AppError('http_status', `${response.url.host} answered ${status}${excerpt === '' ? '' : `: ${excerpt}`}`, {
    retryable: passingStatuses.has(status) || status >= 500,
    details: { status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) },
  });
}
