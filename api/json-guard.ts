import { AppError } from '../domain/errors';
import type { Fault } from '../domain/pipeline/fault';

const deepest = 64;
/** NUL and half characters: neither Postgres nor any other program down the line takes them. */
const unstorable = /\0|\p{Surrogate}/u;

const escapePointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer (RFC 6901) of a path. */
export const pointerOf = (path: readonly PropertyKey[]): string => path.map((part) => `/${escapePointer(String(part))}`).join('');

/**
 * Refuses what is JSON and still harmful: nesting that overflows the stacks of others, keys that change prototypes,
 * text that cannot be stored. Walks without recursion, because depth is what it looks for.
 * @throws AppError `request.invalid` with the first place of each
 */
export function refuseHarmfulJson(value: unknown): void {
  const faults: Fault[] = [];
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  for (let item = open.pop(); item !== undefined && faults.length === 0; item = open.pop()) {
    const { value: part, path, depth } = item;
    if (depth > deepest) faults.push({ code: 'too_deep', message: `nested deeper than ${deepest} levels`, path });
    else if (typeof part === 'string') faults.push(...textFaults(part, path));
    else if (typeof part === 'object' && part !== null) {
      for (const [key, child] of Object.entries(part)) {
        const childPath = `${path}/${escapePointer(key)}`;
        faults.push(...keyFaults(key, childPath));
        open.push({ value: child, path: childPath, depth: depth + 1 });
      }
    }
  }
  if (faults.length > 0) throw invalidRequest(faults);
}

const textFaults = (text: string, path: string): Fault[] =>
  unstorable.test(text) ? [{ code: 'bad_text', message: 'holds a NUL or half of a character', path }] : [];

const keyFaults = (key: string, path: string): Fault[] =>
  key === '__proto__' ? [{ code: 'bad_key', message: `"${key}" is not allowed as a key`, path }] : textFaults(key, path);

/** All faults of a request in one error. */
export function invalidRequest(faults: Fault[]): AppError {
  const [first] = faults;
  const summary = first ? `${first.path || 'The request'}: ${first.message}` : 'The request is not valid';
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new AppError('request.invalid', summary + more, { details: { errors: faults.map((fault) => ({ ...fault })) } });
}
