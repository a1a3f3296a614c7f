import { setTimeout as sleep } from 'node:timers/promises';
import { isHopeless } from '../db/readiness';
import type { Logger } from '../platform/logger';

const firstWaitMs = 200;
const longestWaitMs = 10_000;

/**
 * Does something until it succeeds, ever more patiently, or until the process is told to stop.
 * @throws what no waiting mends (`isHopeless`)
 */
export async function persist(what: string, work: () => Promise<void>, logger: Logger, stopping: AbortSignal): Promise<void> {
  for (let waitMs = firstWaitMs; !stopping.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      await work();
      return;
    } catch (error) {
      if (isHopeless(error)) throw error;
      logger.warn(`could not ${what}`, { retryInMs: waitMs, error });
      await sleep(waitMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}
