import type { EventEmitter } from 'node:events';
import type { Logger } from './logger';

/**
 * Makes lines of the log of what Node and libraries warn of; Node would write it to standard error as text. To be called
 * before the event loop turns: warnings are told then, those of the start too.
 */
export function logWarnings(logger: Logger, warnings: EventEmitter = process): void {
  warnings.removeAllListeners('warning');
  warnings.on('warning', (error: Error) => logger.warn('a warning of the process', { error }));
}
