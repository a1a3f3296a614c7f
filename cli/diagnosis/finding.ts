import { AppError, errorMessage } from '../../domain/errors';
import { startAdvice } from '../client';
import { problemOf } from '../problem';

/** One thing that was looked at. `fail` keeps you from working; `warn` will, or keeps others. */
export interface Finding {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  /** What was found; of what is wrong, the cause. */
  message: string;
  /** What to do about it. */
  next?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, status: 'ok', message });
export const warn = (name: string, message: string, next: string): Finding => ({ name, status: 'warn', message, next });
export const fail = (name: string, message: string, next: string): Finding => ({ name, status: 'fail', message, next });

/** Looks at something; that it cannot be looked at is a finding, too. */
export async function look(name: string, ask: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await ask();
  } catch (error) {
    return [fail(name, errorMessage(error), adviceFor(error))];
  }
}

function adviceFor(error: unknown): string {
  if (!(error instanceof AppError)) return 'this is a fault of the command line: please report it with the output of --json';
  switch (error.code) {
    case 'auth.required': return 'set DATAMCP_API_KEY to a valid key, or call from the folder of the running stack';
    case 'auth.forbidden': return 'ask an administrator for a key with the role `viewer` (`datamcp keys create`)';
    case 'rate_limited': return 'too many requests were made with this key: try again in a moment';
    default: return problemOf(error) ? 'the log of the API says more under the request id' : startAdvice;
  }
}
