import { AppError } from '../domain/errors';
import type { RunView } from '../domain/pipeline/run';
import { isFinalRun } from '../domain/pipeline/status';
import type { ApiClient } from './client';
import { openRunEvents, type RunEvent } from './event-stream';
import { retryDelayMs, sleep, watchRetry, type RetryRule, type Sleep } from './retry';

export interface FollowOptions {
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
  /** The connection is gone and will be tried again. */
  onGap?: (error: AppError) => void;
  rule?: RetryRule;
  pause?: Sleep;
}

/** Seconds that one long poll waits where events cannot be streamed. */
const pollSeconds = 30;
const finalTypes: ReadonlySet<string> = new Set(['run.succeeded', 'run.failed', 'run.cancelled', 'run.timed_out']);
const noStream: ReadonlySet<string> = new Set(['method_not_allowed', 'request.invalid', 'request.malformed']);

/**
 * Follows a run to its end: events as they come, each durable one once, over any number of broken connections.
 * The API's own word about the run decides when it is final, not the stream.
 * @returns the run in its final state
 * @throws the signal's reason when aborted; AppError when the API stays away longer than the rule allows
 */
export async function followRun(client: ApiClient, runId: string, options: FollowOptions): Promise<RunView> {
  const rule = options.rule ?? watchRetry;
  let seen: number | null = null;
  for (let failures = 0; ;) {
    try {
      for await (const event of openRunEvents(client, runId, seen, options.signal)) {
        failures = 0;
        if (event.seq !== null && seen !== null && event.seq <= seen) continue;
        seen = event.seq ?? seen;
        options.onEvent(event);
        if (finalTypes.has(event.type)) break;
      }
      const run = await settled(client, runId, seen, options);
      if (run) return run;
      failures++;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      if (noStream.has(error.code)) return await pollRun(client, runId, options.signal);
      if (!error.retryable || failures + 1 >= rule.attempts) throw error;
      failures++;
      options.onGap?.(error);
    }
    await (options.pause ?? sleep)(retryDelayMs(rule, Math.max(1, failures), undefined) ?? rule.maxDelayMs, options.signal);
  }
}

/** The run if it is final by now. An event may come a moment before the row that answers. */
async function settled(client: ApiClient, runId: string, seen: number | null, options: FollowOptions): Promise<RunView | undefined> {
  const run = seen === null ? await client.get<RunView>(runPath(runId), { signal: options.signal }) : await client.wait<RunView>(runPath(runId), 1, options.signal);
  return isFinalRun(run.status) ? run : undefined;
}

async function pollRun(client: ApiClient, runId: string, signal: AbortSignal): Promise<RunView> {
  for (;;) {
    const run = await client.wait<RunView>(runPath(runId), pollSeconds, signal);
    if (isFinalRun(run.status)) return run;
  }
}

export const runPath = (runId: string): string => `/v1/runs/${encodeURIComponent(runId)}`;
