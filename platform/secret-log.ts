import { format, type Logger } from 'winston';
import type { SecretMask } from './secret-mask';

/** Where winston keeps the finished line of a record (its package triple-beam). */
const finishedLine = Symbol.for('message');

/** Keeps secrets out of the log of a process: the last word on every line, whoever wrote it. */
export function maskLog(logger: Logger, mask: SecretMask): void {
  const masking = format((info) => {
    const line = info[finishedLine];
    if (typeof line === 'string') info[finishedLine] = mask.jsonText(line);
    return info;
  });
  logger.format = format.combine(logger.format, masking());
}
