import type { Json } from '../../json';
import { limits } from '../../limits';
import { evaluateCondition, evaluateTemplate, type Scope } from './index';

const items = Array.from({ length: 10_000 }, (_, n) => n);
const twin = JSON.parse(JSON.stringify(items));
const scope: Scope = {
  inputs: { items, twin, text: 'a'.repeat(60_000), words: items.map((n) => `w${n}`), long: Array.from({ length: 10_001 }, () => 0), map: Object.fromEntries(items.map((n) => [`k${n}`, n])) },
};
const value = (source: string): Json => evaluateTemplate(`\${{ ${source} }}`, scope);
const failure = expect.objectContaining({ code: 'expression_failed' });

/** Binds a name to the name before doubled, `times` over: 2^times the size in a few hundred characters. */
const doubling = (first: string, times: number, body: string): string =>
  Array.from({ length: times }, (_, n) => n).reduceRight((inner, n) => `[v${n} + v${n}].map(v${n + 1}, ${inner})[0]`, body).replace(/^/, `[${first}].map(v0, `) + ')[0]';

describe('an expression has at most', () => {
  it('4 KiB of source, counted as UTF-8', () => {
    expect(value(`"${'x'.repeat(limits.expressionBytes - 4)}"`)).toHaveLength(4_092);
    expect(() => value(`"${'x'.repeat(limits.expressionBytes - 3)}"`)).toThrow('at most 4096 bytes');
    expect(() => value(`"${'€'.repeat(1_400)}"`)).toThrow('at most 4096 bytes');
    expect(() => value(`"${'😀é'.repeat(700)}"`)).toThrow('at most 4096 bytes');
  });

  it('500 nodes', () => {
    expect(value(`[${Array.from({ length: 499 }, () => '1').join(',')}]`)).toHaveLength(499);
    expect(() => value(`[${Array.from({ length: 500 }, () => '1').join(',')}]`)).toThrow('at most 500 nodes');
    expect(() => value(`${'!'.repeat(600)}true`)).toThrow('at most 500 nodes');
  });

  it('a depth of 32', () => {
    expect(value(`${'('.repeat(31)}1${')'.repeat(31)}`)).toBe(1);
    expect(() => value(`${'('.repeat(32)}1${')'.repeat(32)}`)).toThrow('at most 32 levels deep');
    expect(() => value(`inputs${'.a'.repeat(32)}`)).toThrow('at most 32 levels deep');
  });

  it('macros nested twice', () => {
    expect(value('[1].map(a, [2].map(b, a + b))')).toEqual([[3]]);
    expect(value('[1].map(a, a).map(b, b).filter(c, c > 0)')).toEqual([1]);
    expect(() => value('[1].map(a, [2].map(b, [3].map(c, a + b + c)))')).toThrow('macros are nested at most 2 deep');
    expect(() => value('cel.bind(a, 1, cel.bind(b, 2, cel.bind(c, 3, a + b + c)))')).toThrow('macros are nested at most 2 deep');
  });

  it('10,000 items in a list that it walks or makes', () => {
    expect(value('inputs.items.map(x, x)')).toHaveLength(10_000);
    expect(value('size(inputs.long)')).toBe(10_001);
    expect(() => value('inputs.long.map(x, x)')).toThrow('more than 10000 items');
    expect(() => value('inputs.long.exists(x, x == 1)')).toThrow('more than 10000 items');
    expect(() => value('size(inputs.items + [1])')).toThrow('more than 10000 items');
    expect(() => value('inputs.text.split("")')).toThrow('more than 10000 items');
    expect(value('inputs.map.all(k, k.startsWith("k"))')).toBe(true);
  });

  it('one budget of steps in all the expressions of a template', () => {
    const one = '${{ inputs.items.all(x, x >= 0) }}';
    expect(evaluateTemplate(one, scope)).toBe(true);
    expect(() => evaluateTemplate(Array.from({ length: 100 }, () => one), scope)).toThrow('too many steps');
  });

  it('1 MiB of result in a template, however often it names one value', () => {
    expect(() => evaluateTemplate(Array.from({ length: 20 }, () => '${{ inputs.text }}'), scope)).toThrow(expect.objectContaining({ code: 'input_too_large' }));
  });
});

describe('a hostile expression ends within a second', () => {
  it.each([
    ['nested loops', 'inputs.items.map(a, inputs.items.map(b, a * b))'],
    ['nested quantifiers', 'inputs.items.all(a, inputs.items.all(b, a + b >= 0))'],
    ['errors that exists swallows', 'inputs.items.exists(a, inputs.items.exists(b, b.x.y == 1))'],
    ['a swallowed bound', 'inputs.items.exists(a, inputs.items.exists(b, a + b < 0)) || true'],
    ['comparing equal lists in a loop', 'inputs.items.filter(a, inputs.items == inputs.twin)'],
    ['membership in a loop', 'inputs.items.filter(a, (a + 0.5) in inputs.items)'],
    ['searching a text in a loop', 'inputs.words.filter(w, inputs.text.contains(w + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"))'],
    ['searching half a text', '[1, 2, 3, 4, 5, 6, 7, 8].map(a, inputs.text.lastIndexOf("b" + inputs.text.substring(30000)))'],
    ['a join with a long separator', 'inputs.words.join(inputs.text)'],
    ['joins of joins', 'inputs.words.map(w, inputs.words.join("-"))'],
    ['cutting in a loop', 'inputs.words.map(w, inputs.text.split("a"))'],
    ['changing case in a loop', 'inputs.items.map(w, inputs.items.map(v, inputs.text.upperAscii()))'],
    ['a text doubled', `cel.bind(a, inputs.text + inputs.text, cel.bind(b, a + a + a + a, ${Array.from({ length: 200 }, () => 'b').join(' + ')}))`],
    ['a list doubled', `cel.bind(a, inputs.items + inputs.items, ${Array.from({ length: 200 }, () => 'a').join(' + ')})`],
    ['values that hold themselves many times', `cel.bind(a, [${Array.from({ length: 200 }, () => 'inputs.items').join(', ')}], cel.bind(b, [${Array.from({ length: 200 }, () => 'a').join(', ')}], b == [b]))`],
    ['maps of large values', 'inputs.items.map(a, {"a": inputs.items, "b": inputs.map})'],
    ['sizes of a text in a loop', 'inputs.items.map(a, inputs.items.map(b, size(inputs.text)))'],
    ['doubling through loops', doubling('inputs.text', 12, 'v12')],
  ])('%s', (_name, source) => {
    const before = process.cpuUsage();
    expect(() => value(source)).toThrow(failure);
    expect(process.cpuUsage(before).user / 1e3).toBeLessThan(1_000);
  });

  it('in a condition too', () => {
    const status = { success: true, failure: false, cancelled: false };
    expect(() => evaluateCondition('inputs.items.all(a, inputs.items.all(b, a + b >= 0))', scope, status)).toThrow('too many steps');
  });

  it('when its template holds thousands of expressions', () => {
    const before = process.cpuUsage();
    const template = Array.from({ length: 5_000 }, (_, n) => `\${{ inputs.items[${n}] + ${n} }}`);
    expect(evaluateTemplate(template, scope)).toHaveLength(5_000);
    expect(process.cpuUsage(before).user / 1e3).toBeLessThan(2_000);
  });

  it('leaves nothing behind for the next one', () => {
    expect(() => value('inputs.items.all(a, inputs.items.all(b, a + b >= 0))')).toThrow(failure);
    expect(value('inputs.items.filter(a, a < 2.0)')).toEqual([0, 1]);
  });
});
