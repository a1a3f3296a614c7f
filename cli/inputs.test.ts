import { AppError } from '../domain/errors';
import type { InputSpec } from '../domain/pipeline/plan';
import { parseInputs, parseInputsFile } from './inputs';
import { problemOf } from './problem';

const specs: Record<string, InputSpec> = {
  month: { type: 'string' }, rows: { type: 'integer' }, share: { type: 'number' }, publish: { type: 'boolean' },
  airports: { type: 'array' }, options: { type: 'object' },
};
const files: Record<string, string> = { 'note.txt': 'two\nlines\n', 'airports.json': '["JFK", "LAX"]', 'count': '12' };
const readFile = (path: string): string => {
  const content = files[path];
  if (content === undefined) throw new Error(`${path} cannot be read: there is no such file`);
  return content;
};
const parse = (...assignments: string[]) => parseInputs(assignments, specs, readFile);

function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return (problemOf(error)?.errors ?? []).map((fault) => `${fault.path} ${fault.message} ${fault.suggestion ?? ''}`.trim());
  }
  throw new Error('expected a refusal');
}

test('a value takes the type that the pipeline gives its input', () => {
  expect(parse('month=2001-01', 'rows=400000', 'share=0.5', 'publish=false', 'airports=["JFK"]', 'options={"a":1}'))
    .toEqual({ month: '2001-01', rows: 400000, share: 0.5, publish: false, airports: ['JFK'], options: { a: 1 } });
});

test('text that looks like a number stays text where text is asked for', () => {
  expect(parse('month=2001')).toEqual({ month: '2001' });
});

test('only the first equals sign separates, and a value may be empty', () => {
  expect(parse('month=a=b:=c')).toEqual({ month: 'a=b:=c' });
  expect(parse('month=')).toEqual({ month: '' });
});

test('k=@file takes the content of a file and still types it', () => {
  expect(parse('month=@note.txt', 'airports=@airports.json', 'rows=@count')).toEqual({ month: 'two\nlines\n', airports: ['JFK', 'LAX'], rows: 12 });
});

test('k:=json takes any JSON, whatever the type', () => {
  expect(parse('month:="@home"', 'rows:=null')).toEqual({ month: '@home', rows: null });
});

test('without a specification a value is the text it is', () => {
  expect(parseInputs(['any=1'], undefined, readFile)).toEqual({ any: '1' });
});

test.each([
  ['rows=1.5', 'whole number'], ['rows=9007199254740993', 'whole number'], ['rows=', 'expected a number'], ['share=0x10', 'expected a number'],
  ['share=Infinity', 'expected a number'], ['publish=yes', 'true or false'], ['airports=JFK', 'JSON of an array'], ['month:=text', 'no JSON'],
  ['month=@missing', 'cannot be read'], ['month', 'no assignment'], ['=x', 'no assignment'],
])('%s is refused', (assignment, message) => {
  expect(faultsOf(() => parse(assignment))).toEqual([expect.stringContaining(message)]);
});

test('an unknown input is refused with the nearest known one', () => {
  expect(faultsOf(() => parse('mnth=2001-01'))).toEqual(['/mnth there is no input mnth did you mean "month"?']);
});

test('all faults are told at once', () => {
  expect(faultsOf(() => parse('rows=x', 'publish=maybe', 'zzzzzzzz=1'))).toHaveLength(3);
});

test('a name like __proto__ is an input like any other', () => {
  const inputs = parseInputs(['__proto__=x'], undefined, readFile);
  expect(Object.keys(inputs)).toEqual(['__proto__']);
});

test('a file of inputs may be JSON or YAML, but must hold an object', () => {
  expect(parseInputsFile('a', () => '{"month": "2001-01"}')).toEqual({ month: '2001-01' });
  expect(parseInputsFile('a', () => 'rows: 5\n')).toEqual({ rows: 5 });
  expect(() => parseInputsFile('a', () => '[1]')).toThrow('must hold one object');
  expect(() => parseInputsFile('a', () => '{"a": ')).toThrow('neither JSON nor YAML');
  expect(() => parseInputsFile('missing', readFile)).toThrow(/^missing cannot be read: there is no such file$/);
});
