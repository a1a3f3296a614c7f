import { AppError } from '../domain/errors';
import { refuseHarmfulJson } from './json-guard';
import { parseJson } from './json-text';

const faultOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.details : error;
  }
  return undefined;
};

describe('the place where a text stops being JSON', () => {
  test.each([
    ['{"a":}', 1, 6],
    ['{"a": 1,\n  "b": tru}', 2, 11],
    ['{"a": 1', 1, 8],
    ['{\n"a" 1}', 2, 5],
    ['["x', 1, 4],
    ['[1] x', 1, 5],
    ['nope', 1, 2],
  ])('%j is told with line %i, column %i', (text, line, column) => {
    expect(faultOf(() => parseJson(text))).toMatchObject({ errors: [{ code: 'bad_json', line, column }] });
  });

  test('what is JSON is parsed', () => {
    expect(parseJson(' {"a": [1, null]} ')).toEqual({ a: [1, null] });
  });
});

describe('JSON that harms others', () => {
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  test.each([
    ['nesting beyond 64 levels', nested(66), 'too_deep'],
    ['nesting that would overflow a stack', nested(200_000), 'too_deep'],
    ['a key that changes prototypes', JSON.parse('{"a": {"__proto__": {"admin": true}}}'), 'bad_key'],
    ['a NUL in a text', { a: 'x\0y' }, 'bad_text'],
    ['half a character in a key', { '\ud800': 1 }, 'bad_text'],
  ])('%s is refused', (_, value, code) => {
    expect(faultOf(() => refuseHarmfulJson(value))).toMatchObject({ errors: [{ code }] });
  });

  test('sixty-four levels, emoji and odd keys are fine', () => {
    expect(faultOf(() => refuseHarmfulJson([nested(60), { constructor: '😀', 'a/b': null }]))).toBeUndefined();
  });

  test('the place is a JSON pointer with its escapes', () => {
    expect(faultOf(() => refuseHarmfulJson({ 'a/b~c': ['\0'] }))).toMatchObject({ errors: [{ path: '/a~1b~0c/0' }] });
  });
});
