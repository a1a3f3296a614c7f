import { isNativeError } from 'node:util/types';
import { createLogger, format, transports, type Logger as WinstonLogger } from 'winston';

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

/** JSON lines on standard error, one a record, so that standard output stays for results. Errors keep their stack. */
export function makeLogger(level: string, service: string): Logger {
  return createLogger({
    level,
    defaultMeta: { service },
    format: format.combine(format.timestamp(), format.errors({ stack: true, cause: true }), readableErrors(), format.json()),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}
