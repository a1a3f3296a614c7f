import type { Logger } from '../platform/logger';

/**
 * Tells of failures that nobody waited for, in the log, where they are masked; Node would write them as they are, and end
 * the process. A worker goes on over a promise, since a plugin that forgot an `await` must not cost all others their
 * attempts. After what was thrown out of a timer or an event, anything may be half-done: it ends, and is started afresh.
 */
export function tellStrayFailures(logger: Logger): void {
  process.on('unhandledRejection', (error) => {
    logger.error('a promise failed that nobody waited for; in a plugin, `await` it', { error });
  });
  process.on('uncaughtException', (error) => {
    logger.error('the worker ends: something was thrown where nobody could catch it, as out of a timer', { error });
    process.exit(1);
  });
}
