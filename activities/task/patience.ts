import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactIndex } from '../../platform/artifacts';
import { isPostgresAway } from '../../platform/postgres';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Repeats `work`, which must be harmless to repeat, while Postgres cannot be used: an outage of ours is no failure
 * of the task, and costs it none of its attempts. The time-out of the attempt is what ends the waiting.
 * @throws what `work` throws for any other reason; the reason of `signal` when it is aborted
 */
export async function whilePostgresIsAway<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isPostgresAway(error)) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** The index of artifacts for one attempt: it waits while Postgres is away. */
export const patientIndex = (index: ArtifactIndex, signal: AbortSignal): ArtifactIndex => ({
  claim: (sha256) => whilePostgresIsAway(signal, () => index.claim(sha256)),
  put: (record) => whilePostgresIsAway(signal, () => index.put(record)),
  find: (id) => whilePostgresIsAway(signal, () => index.find(id)),
});
