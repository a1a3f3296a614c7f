import { setTimeout as sleep } from 'node:timers/promises';
import { failureText } from '../../domain/errors';
import type { Processor, ProcessorContext } from '../processor';

/** With the grace of 30 s that a cancelled task has, there is time for the attempt itself, too. */
const longestMs = 10_000;

/**
 * Has a processor remove what an attempt left elsewhere. A failure to do so is a line in the log of the task, and changes
 * nothing of how the attempt ended. Never throws.
 * @param timeoutMs time that it has, in milliseconds; then nobody waits for it any more
 */
export async function cleanUp(processor: Processor, context: ProcessorContext, input: unknown, timeoutMs = longestMs): Promise<void> {
  if (processor.cleanup === undefined) return;
  const done = new AbortController();
  // That of the attempt may be aborted: whatever is told of it would stop at once.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await Promise.race([
      processor.cleanup({ ...context, signal }, input),
      sleep(timeoutMs, undefined, { signal: done.signal }).then(() => { throw new Error(`it took longer than ${timeoutMs} ms`); }),
    ]);
  } catch (error) {
    context.logger.warn(`cleanup failed: ${failureText(error)}`);
  } finally {
    done.abort();
  }
}
