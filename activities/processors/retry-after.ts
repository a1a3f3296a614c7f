/** No host makes a task wait for longer than this: an hour. */
const longestMs = 3_600_000;

/**
 * What a `Retry-After` header asks for, in milliseconds from now: seconds or a date (RFC 9110, section 10.2.3), at most an hour.
 * @returns undefined when there is none that can be read
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(longestMs, Math.max(0, waitMs));
}
