import { faultLines } from './fault-report';
import { makePaint } from './output';

const paint = makePaint(false);
const source = { name: 'flights.yaml', text: 'name: flights\ntasks:\n  - id: check\n    need: [extract]\n' };

test('a fault shows its place, its line with a caret under the word, and what may be meant', () => {
  const fault = { code: 'definition.unknown_key', message: 'unknown key "need"', path: '/tasks/0/need', line: 4, column: 5, suggestion: 'needs' };
  expect(faultLines(fault, source, paint)).toEqual([
    'error[definition.unknown_key]: unknown key "need"',
    '  --> flights.yaml:4:5  (/tasks/0/need)',
    '  |',
    '4 |     need: [extract]',
    '  |     ^^^^',
    '  = did you mean `needs`?',
    '',
  ]);
});

test('a suggestion that is a sentence stays one', () => {
  const fault = { code: 'c', message: 'm', path: '', suggestion: 'remove one of them' };
  expect(faultLines(fault, source, paint)).toEqual(['error[c]: m', '  --> flights.yaml', '  = remove one of them', '']);
});

test('a place behind the end of the document shows no line', () => {
  expect(faultLines({ code: 'c', message: 'm', path: '', line: 99, column: 1 }, source, paint)).toHaveLength(3);
});

test('the caret stands under the place after tabs and wide characters', () => {
  const lines = faultLines({ code: 'c', message: 'm', path: '', line: 1, column: 4 }, { name: 'f', text: '\t日x: y' }, paint);
  expect(lines[3]).toBe('1 |  日x: y');
  expect(lines[4]).toBe('  |     ^');
});

test('a very long line is shown around the place', () => {
  const text = `${'a'.repeat(500)} here ${'b'.repeat(500)}`;
  const lines = faultLines({ code: 'c', message: 'm', path: '', line: 1, column: 502 }, { name: 'f', text }, paint);
  const [shown = '', caret = ''] = lines.slice(3);
  expect(shown.length).toBeLessThan(180);
  expect(shown.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('here');
});

test('an excerpt cannot carry an escape sequence to the terminal', () => {
  const lines = faultLines({ code: 'c', message: '\u001b[2J', path: '', line: 1, column: 1 }, { name: 'f', text: '\u001b[31mx' }, paint);
  expect(lines.join('')).not.toContain('\u001b');
});

test('a warning says so', () => {
  expect(faultLines({ code: 'c', message: 'm', path: '' }, source, paint, 'warning')[0]).toBe('warning[c]: m');
});
