import fc from 'fast-check';
import type { Json } from '../../json';
import { evaluateTemplate, hasExpression, type Scope } from './index';

const scope: Scope = {
  inputs: { month: '2001-01', publish: true, n: 7, half: 0.5, list: [3, 1, 2], nothing: null, object: { a: { b: 1 } }, text: 'Straße' },
  tasks: { extract: { output: { rows: 5, items: [{ id: 'a' }, { id: 'b' }] }, status: 'succeeded', error: null } },
  run: { id: 'r1', startedAt: '2001-01-31T23:30:00.000Z' },
  airport: 'KBP',
  index: 3,
};
const value = (source: string): Json => evaluateTemplate(`\${{ ${source} }}`, scope);

describe('a string that is exactly one expression keeps the type of its value', () => {
  it.each<[string, Json]>([
    ['inputs.month', '2001-01'], ['inputs.publish', true], ['inputs.n', 7], ['inputs.half', 0.5], ['inputs.nothing', null],
    ['inputs.list', [3, 1, 2]], ['inputs.object', { a: { b: 1 } }], ['tasks.extract.output.items[1].id', 'b'],
    ['tasks.extract.status', 'succeeded'], ['tasks.extract.error', null], ['airport + string(index)', 'KBP3'], ['run.id', 'r1'],
    ['{"a": {"b": [1, 2.5, "x", null]}}', { a: { b: [1, 2.5, 'x', null] } }], ['tasks["extract"].output["rows"]', 5],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('inside longer text', () => {
  it.each<[string, string]>([
    ['month ${{ inputs.month }}!', 'month 2001-01!'], ['[${{ inputs.nothing }}]', '[]'], ['n=${{ inputs.n }} p=${{ inputs.publish }}', 'n=7 p=true'],
    ['${{ inputs.list }} ', '[3,1,2] '], ['${{inputs.object}}${{ inputs.half }}', '{"a":{"b":1}}0.5'],
  ])('strings go in as they are, null as nothing, the rest as JSON: %s', (template, expected) => {
    expect(evaluateTemplate(template, scope)).toBe(expected);
  });

  it.each<[string, string]>([['$${{ inputs.n }}', '${{ inputs.n }}'], ['$$${{ x', '$${{ x'], ['a $${{ b ${{ inputs.n }}', 'a ${{ b 7'], ['$ {{ }} $$', '$ {{ }} $$']])(
    '$${{ is the literal: %s',
    (template, expected) => {
      expect(evaluateTemplate(template, scope)).toBe(expected);
    },
  );

  it.each<[string, Json]>([
    ['${{ "}}" }}', '}}'], ["${{ '}}' + \"'}}\" }}", "}}'}}"], ['${{ {"a": {"b": 1}} }}', { a: { b: 1 } }], ['${{ {"a": {"b": 1}}}}', { a: { b: 1 } }],
    ['${{ """}}""" }}', '}}'], ['${{ "\\"}}" }}', '"}}'], ['x${{ {"a": "}"}.a }}}y', 'x}}y'],
  ])('}} ends an expression only outside strings and braces: %s', (template, expected) => {
    expect(evaluateTemplate(template, scope)).toEqual(expected);
  });

  it('says where an expression begins that does not end', () => {
    expect(() => evaluateTemplate('ab ${{ inputs.n }', scope)).toThrow('the expression at character 4 does not end');
    expect(() => evaluateTemplate('${{ "}}', scope)).toThrow('does not end');
  });
});

describe('templates', () => {
  it('are resolved at any depth of a value', () => {
    expect(evaluateTemplate({ a: ['${{ inputs.n }}', { b: 'x${{ index }}' }], c: 1 }, scope)).toEqual({ a: [7, { b: 'x3' }], c: 1 });
  });

  it('without an expression are their own value', () => {
    const noExpression = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('${{'));
    fc.assert(fc.property(noExpression, (json) => expect(evaluateTemplate(json as Json, {})).toEqual(json)));
  });

  it('give any text back that stands in a string literal, and between expressions', () => {
    fc.assert(
      fc.property(fc.string(), fc.string().filter((text) => !text.includes('${{') && !text.endsWith('$')), (literal, around) => {
        const source = JSON.stringify(literal);
        expect(evaluateTemplate(`\${{ ${source} }}`, {})).toBe(literal);
        expect(evaluateTemplate(`${around}\${{ ${source} }}${around}`, {})).toBe(around === '' ? literal : around + literal + around);
      }),
    );
  });

  it('keep keys such as __proto__ as data', () => {
    const resolved = evaluateTemplate(JSON.parse('{"__proto__": "${{ inputs.n }}"}'), scope);
    expect(JSON.stringify(resolved)).toBe('{"__proto__":7}');
  });

  it('know whether they hold an expression', () => {
    expect(hasExpression({ a: [{ b: 'x ${{ y }}' }] })).toBe(true);
    expect(hasExpression({ a: ['$ {{ }}', 1, null, true] })).toBe(false);
  });

  it('name the source and the place of a failure', () => {
    expect(() => value('inputs.missing')).toThrow(/No such key: missing \(in `inputs.missing`, character \d+\)/);
    expect(() => value('nobody.x')).toThrow('Unknown variable: nobody');
    expect(() => value('1 +')).toThrow(expect.objectContaining({ code: 'expression_failed' }));
    expect(() => value(`size("${'x'.repeat(300)}") + "a"`)).toThrow('…`');
  });
});
