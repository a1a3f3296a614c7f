import { createLogger, format, transports, type Logger as WinstonLogger } from 'winston';

export type Logger = WinstonLogger;

/** JSON lines on standard error, one a record, so that standard output stays for results. Errors keep their stack. */
export function makeLogger(level: string, service: string): Logger {
  return createLogger({
    level,
    defaultMeta: { service },
    format: format.combine(format.timestamp(), format.errors({ stack: true, cause: true }), format.json()),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}
