import type { Fault } from '../domain/pipeline/fault';
import type { Paint } from './output';
import type { Source } from './problem';
import { displayWidth, oneLine, safeText } from './text';

/**
 * A fault as a good compiler tells it: what, where, the line with a caret under the place, and what may be meant.
 *
 *     error[field.unknown]: unknown field need
 *       --> flights.yaml:12:5
 *        |
 *     12 |     need: [extract]
 *        |     ^^^^
 *        = did you mean `needs`?
 */
export function faultLines(fault: Fault, source: Source, paint: Paint, severity: 'error' | 'warning' = 'error'): string[] {
  const color = severity === 'error' ? paint.red : paint.yellow;
  const place = [source.name, fault.line, fault.column].filter((part) => part !== undefined).join(':');
  const margin = ' '.repeat(String(fault.line ?? 1).length);
  return [
    `${paint.bold(color(`${severity}[${fault.code}]`))}${paint.bold(`: ${oneLine(fault.message)}`)}`,
    `${margin} ${paint.blue('-->')} ${place}${fault.path === '' ? '' : paint.dim(`  (${oneLine(fault.path)})`)}`,
    ...excerpt(fault, source, paint, color, margin),
    ...(fault.suggestion === undefined ? [] : [`${margin} ${paint.blue('=')} ${suggestionText(fault.suggestion)}`]),
    '',
  ];
}

/** `needs` becomes a question; a sentence stays what it is. */
const suggestionText = (suggestion: string): string =>
  /\s/.test(suggestion.trim()) ? oneLine(suggestion) : `did you mean \`${oneLine(suggestion)}\`?`;

const longestLine = 160;

function excerpt(fault: Fault, source: Source, paint: Paint, color: (text: string) => string, margin: string): string[] {
  const line = fault.line === undefined ? undefined : source.text.split(/\r\n|\r|\n/, fault.line)[fault.line - 1];
  if (line === undefined) return [];
  const bar = paint.blue('|');
  const start = Math.max(0, (fault.column ?? 1) - 1);
  // A long line (JSON on one line, say) is shown around the place only.
  const from = start > longestLine / 2 ? start - longestLine / 4 : 0;
  const shown = safeText(line.slice(from, from + longestLine)).replace(/\t/g, ' ');
  const before = displayWidth(safeText(line.slice(from, start)).replace(/\t/g, ' '));
  const caret = fault.column === undefined ? [] : [`${margin} ${bar} ${' '.repeat(before)}${color('^'.repeat(wordLength(line.slice(start))))}`];
  return [`${margin} ${bar}`, `${paint.blue(String(fault.line))} ${bar} ${shown}`, ...caret];
}

/** The caret underlines one word, as far as the place gives one. */
function wordLength(text: string): number {
  const word = /^[\p{L}\p{N}_.$-]+/u.exec(text)?.[0] ?? '';
  return Math.min(Math.max(1, displayWidth(word)), 40);
}
