import { parseJson } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { TaskLogLine } from '../../db/task-logs';
import type { AttemptKey } from '../../db/live';
import type { SecretMask } from '../../platform/secret-mask';
import type { TaskLogger } from '../processor';

const longestLine = 64 * 1024;
/** What a line weighs beside its text (time, task, level): a million empty lines are not for nothing. */
const lineBytes = 64;

/** Postgres text holds no NUL. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd');

/** The log of one attempt: masked, and cut with a mark at 1 MiB, so that a poisonous task hurts its own log only. */
export function taskLog(key: AttemptKey, mask: SecretMask, write: (line: TaskLogLine) => void): TaskLogger {
  let left: number = limits.logBytesPerAttempt;
  const add = (level: TaskLogLine['level'], message: string, fields?: Record<string, unknown>): void => {
    if (left <= 0) return;
    const text = withoutNul(mask.text(String(message)).slice(0, longestLine));
    const kept = fields && safeFields(fields, mask);
    left -= lineBytes + Buffer.byteLength(text) + (kept ? JSON.stringify(kept).length : 0);
    write({ ...key, at: new Date(), level, message: text, ...(kept && { fields: kept }) });
    if (left <= 0) write({ ...key, at: new Date(), level: 'warn', message: '… the log of this attempt is cut here: it reached 1 MiB' });
  };
  return {
    debug: (message, fields) => add('debug', message, fields),
    info: (message, fields) => add('info', message, fields),
    warn: (message, fields) => add('warn', message, fields),
    error: (message, fields) => add('error', message, fields),
  };
}

function safeFields(fields: Record<string, unknown>, mask: SecretMask): Record<string, unknown> | undefined {
  try {
    const text = mask.jsonText(JSON.stringify(fields)).replaceAll('\\u0000', '\\ufffd');
    if (text.length > longestLine) return { cut: `${text.length} characters of fields` };
    const safe = parseJson(text);
    return typeof safe === 'object' && safe !== null && !Array.isArray(safe) ? safe : undefined;
  } catch {
    return { cut: 'fields that are not JSON' };
  }
}
