import { isNativeError } from 'node:util/types';
import { createLogger, format, transports, type Logger as WinstonLogger } from 'winston';
import { logFields } from './log-fields';

export type Logger = WinstonLogger;

/** Message and stack of an error are not enumerable: as JSON it would be `{}`. Goes down the chain of causes. */
const readable = (error: Error, depth = 0): object => ({
  ...error,
  name: error.name,
  message: error.message,
  stack: error.stack,
  ...(isNativeError(error.cause) && depth < 5 && { cause: readable(error.cause, depth + 1) }),
});

const readableErrors = format((info) => {
  for (const [key, value] of Object.entries(info)) if (isNativeError(value)) info[key] = readable(value);
  return info;
});

/**
 * JSON lines on standard error, one a record, so that standard output stays for results. Errors keep their stack, and
 * every line bears the ids of the request, run and task in which it was written (log-fields.ts).
 */
export function makeLogger(level: string, service: string): Logger {
  // Lines that nobody can write, for a full disk or a reader that is gone, are lost; the process is not.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
  const logger = createLogger({
    level,
    format: format.combine(format.timestamp(), format.errors({ stack: true, cause: true }), readableErrors(), format.json()),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
  // Asked for when a line is written, not when it is formatted: that may be later, and in another context.
  return Object.defineProperty(logger, 'defaultMeta', { get: () => ({ service, ...logFields() }) });
}
