/**
 * What a `Retry-After` header asks for, in milliseconds from now: seconds or a date (RFC 9110, section 10.2.3).
 * @returns undefined when there is none that can be read
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
