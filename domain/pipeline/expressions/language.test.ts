import type { Json } from '../../json';
import { evaluateTemplate, type Scope } from './index';

const scope: Scope = {
  inputs: { two: 2, half: 0.5, big: 9_007_199_254_740_991, huge: 1e300, list: [1, 2, 3], text: 'abcdef', flag: true, zero: 0, at: '2001-01-31T23:30:00Z' },
  tasks: { a: { output: { rows: [{ n: 1, ok: true }, { n: 2, ok: false }] }, status: 'succeeded', error: null } },
};
const value = (source: string): Json => evaluateTemplate(`\${{ ${source} }}`, scope);

describe('numbers', () => {
  it.each<[string, Json]>([
    ['inputs.two + 1', 3], ['1 + inputs.two', 3], ['inputs.two * 1.5', 3], ['inputs.two / 4', 0.5], ['7 / 2', 3], ['7.0 / 2', 3.5], ['inputs.two - 3', -1],
    ['3 - inputs.two', 1], ['10 / inputs.two', 5], ['3 * inputs.two', 6], ['5 % inputs.two', 1], ['inputs.two % 2', 0], ['inputs.half % inputs.two', 0.5], ['-inputs.two', -2], ['-inputs.zero', 0],
    ['inputs.two == 2', true], ['2 == inputs.two', true], ['1 == 1.0', true], ['1 != 1.5', true], ['inputs.two > 1', true], ['inputs.two in [1, 2]', true], ['inputs.list == [1, 2, 3]', true],
    ['[1, 2, 3] == inputs.list', true], ['inputs.list[inputs.two]', 3], ['inputs.list[0]', 1], ['size(inputs.list) == inputs.list[2]', true], ['int("5") + inputs.two', 7],
    ['int(inputs.half)', 0], ['double("1.5")', 1.5], ['string(inputs.two)', '2'],
  ])('mixed integers and doubles are defined: %s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it('that come from JSON go through unchanged', () => {
    expect(value('inputs.huge')).toBe(1e300);
    expect(value('inputs.big')).toBe(9_007_199_254_740_991);
  });

  it.each(['inputs.big + 1', '9007199254740991 + 1', '9007199254740993', 'inputs.huge * 2.0', '4611686018427387904 * 4'])('beyond 2^53 are an error: %s', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });

  it.each(['inputs.two / 0', '1 / 0', '1 % 0', 'inputs.two % 0', 'double("nan")', 'double("inf")'])('that JSON cannot hold are an error: %s', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });
});

describe('functions', () => {
  it.each<[string, Json]>([
    ['inputs.text.substring(1, 3)', 'bc'], ['inputs.text.substring(inputs.two)', 'cdef'], ['inputs.text.substring(inputs.two, inputs.list[2])', 'c'], ['inputs.text.substring(1, inputs.two)', 'b'],
    ['inputs.text.substring(inputs.two, 4)', 'cd'], ['inputs.text.contains("cd")', true], ['inputs.text.startsWith("ab") && inputs.text.endsWith("ef")', true], ['inputs.text.indexOf("c")', 2],
    ['inputs.text.lastIndexOf("c")', 2], ['"a,b,c".split(",")', ['a', 'b', 'c']], ['["a", "b"].join("-")', 'a-b'], ['["a", "b"].join()', 'ab'], ['" A ".trim().lowerAscii()', 'a'], ['"a".upperAscii()', 'A'],
    ['size(inputs.text)', 6], ['inputs.text.size()', 6], ['bool("true")', true], ['dyn(1)', 1],
    ['tasks.a.output.rows.filter(r, r.ok).map(r, r.n)', [1]], ['tasks.a.output.rows.map(r, r.ok, r.n)', [1]], ['tasks.a.output.rows.all(r, r.n > 0)', true], ['tasks.a.output.rows.exists(r, r.n == 2)', true],
    ['tasks.a.output.rows.exists_one(r, r.ok)', true], ['cel.bind(x, inputs.two, x * x)', 4], ['has(tasks.a.output.rows)', true], ['has(tasks.a.output.other)', false],
    ['tasks.a.output.?missing.orValue(0)', 0], ['tasks.a.output.?rows.orValue([]).size()', 2], ['tasks.a.?output.?x.?y.hasValue()', false], ['tasks.a.output[?"missing"].or(optional.of(3)).value()', 3],
    ['inputs.flag ? "yes" : "no"', 'yes'], ['"a" in {"a": 1}', true], ['inputs.text + "!"', 'abcdef!'], ['inputs.list + [4]', [1, 2, 3, 4]], ['inputs.two == null', false], ['null == inputs.flag', false], ['!inputs.flag', false],
    ['tasks.a.output.rows.exists(r, r.missing) || true', true],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each<[string, Json]>([
    ['timestamp(inputs.at)', '2001-01-31T23:30:00.000Z'], ['timestamp("2001-01-31T23:30:00+02:00").getHours()', 21], ['timestamp(inputs.at) + duration("1h")', '2001-02-01T00:30:00.000Z'],
    ['timestamp(inputs.at) - timestamp("2001-01-31T22:30:00Z")', '3600s'], ['duration("90s")', '90s'], ['string(duration("1.5s"))', '1.5s'], ['string(timestamp(0))', '1970-01-01T00:00:00.000Z'],
    ['timestamp(inputs.at).getDayOfWeek()', 3], ['timestamp(inputs.at) < timestamp("2002-01-01T00:00:00Z")', true],
  ])('times are in UTC: %s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each(['timestamp("2001-01-31T23:30:00.000")', 'timestamp("Wed Jan 31 2001 23:30:00 UTC")', 'timestamp(inputs.text + "T23:30:00.0000")'])('timestamps need an offset: %s', (source) => {
    expect(() => value(source)).toThrow('with an offset');
  });

  it.each(['timestamp(inputs.at).getHours("Europe/Kyiv")', 'timestamp(inputs.at).getDayOfYear()'])('functions that depend on a time zone are refused: %s', (source) => {
    expect(() => value(source)).toThrow(/time zone/);
  });

  it.each(['inputs.text.matches("a+")', 'bytes("a")', 'uint(1)', 'type(1)', 'success()', 'nosuch(1)', 'inputs.text.nosuch()', 'b"a"', '1u', 'inputs.text.json()'])('%s is not of the language', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });

  it.each(['inputs.text.substring(inputs.half)', 'inputs.text.substring(5.0, 2.0)', 'inputs.text.substring(0.0, 99.0)'])('positions outside of a text are an error: %s', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });

  it.each(['tasks.a.output.?rows', 'timestamp("9999-12-31T23:59:59Z") + duration("9000000000h")', 'int'])('a result that JSON cannot hold is an error: %s', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });

  it.each(['inputs.constructor', 'inputs.text.length', 'constructor', '__proto__', 'toString', 'inputs.__proto__', 'inputs["constructor"]["constructor"]'])('nothing of JavaScript shows through: %s', (source) => {
    expect(() => value(source)).toThrow(expect.objectContaining({ code: 'expression_failed' }));
  });
});
