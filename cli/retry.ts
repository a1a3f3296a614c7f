import { setTimeout as delay } from 'node:timers/promises';

/** How often one call is tried, and how long it waits between. All times in milliseconds. */
export interface RetryRule {
  attempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

export const callRetry: RetryRule = { attempts: 4, firstDelayMs: 250, maxDelayMs: 30_000 };
/** A watcher outlives a restart of the API: about two minutes without an answer. */
export const watchRetry: RetryRule = { attempts: 20, firstDelayMs: 250, maxDelayMs: 8_000 };

/** Sleeps for tests and for people alike; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
};

/**
 * The pause before the next attempt: doubled each time, half of it by chance, so that clients that failed
 * together do not come back together. What the server asks for (`Retry-After`) comes first.
 * @returns undefined if the server asks for more than the rule is willing to wait
 */
export function retryDelayMs(rule: RetryRule, attempt: number, retryAfterMs: number | undefined, random: () => number = Math.random): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs <= rule.maxDelayMs ? retryAfterMs : undefined;
  const full = Math.min(rule.maxDelayMs, rule.firstDelayMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random();
}

/** Reads `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
