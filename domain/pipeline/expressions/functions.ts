import { limits } from '../../limits';
import { statusFunctions } from './environment';
import type { CallUse, Names } from './names';
import type { Dialect, SourceFault } from './source-fault';

/** The functions of the language: those of CEL that give the same result in every process. */
const functions: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'dyn', 'has', 'int', 'size', 'string', 'timestamp']);

const methods: ReadonlySet<string> = new Set([
  'all', 'bind', 'contains', 'endsWith', 'exists', 'exists_one', 'filter', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getFullYear',
  'getHours', 'getMilliseconds', 'getMinutes', 'getMonth', 'getSeconds', 'hasValue', 'indexOf', 'join', 'lastIndexOf', 'lowerAscii',
  'map', 'none', 'of', 'or', 'orValue', 'size', 'split', 'startsWith', 'substring', 'trim', 'upperAscii', 'value',
]);

const reasons: ReadonlyMap<string, string> = new Map([
  ['matches', 'matches() is refused: its regular expressions may backtrack for minutes; use startsWith, endsWith or contains'],
  ['getDayOfYear', 'getDayOfYear() is refused: it depends on the time zone of the process'],
]);

const statusNames: ReadonlySet<string> = new Set(statusFunctions);

/** The first call that the language does not have, or loops nested too deep. */
export function findMisuse(names: Names, dialect: Dialect): SourceFault | null {
  if (names.macroDepth > limits.expressionMacroDepth) {
    return { code: 'expression.too_large', message: `macros are nested at most ${limits.expressionMacroDepth} deep`, start: 0, end: 0 };
  }
  for (const call of names.calls) {
    const misuse = misuseOf(call, dialect);
    if (misuse) return { code: 'expression.function', ...misuse, start: call.start, end: call.end };
  }
  return null;
}

type Misuse = Pick<SourceFault, 'message' | 'unknown'>;

function misuseOf({ name, method, args }: CallUse, dialect: Dialect): Misuse | null {
  const reason = reasons.get(name);
  if (reason) return { message: reason };
  if (method) return misuseOfMethod(name, args);
  if (functions.has(name)) return null;
  if (!statusNames.has(name)) {
    const known = dialect === 'condition' ? [...functions, ...statusNames] : [...functions];
    return { message: `there is no function ${name}()`, unknown: { name, known } };
  }
  return dialect === 'condition' ? null : { message: `${name}() is only for \`if\`` };
}

function misuseOfMethod(name: string, args: number): Misuse | null {
  if (!methods.has(name)) return { message: `there is no method ${name}()`, unknown: { name, known: [...methods] } };
  return name.startsWith('get') && args > 0 ? { message: `${name}() takes no time zone: times are in UTC` } : null;
}
