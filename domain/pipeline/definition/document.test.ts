import { limits } from '../../limits';
import { checkDefinition } from './check';
import { catalogue, check, checkJson, definition } from '../../../test/definition/samples';

const json = (text: string) => checkDefinition(text, 'json', catalogue);
const head = 'name: a\ntasks: [ { id: a, uses: core.set, with: { v: x } } ]\n';
const withValue = (value: string): string => `name: a\ntasks:\n  - id: a\n    uses: core.set\n    with:\n      v: ${value}\n`;

describe('a YAML document', () => {
  it.each<[string, string, string, number, number]>([
    ['bad syntax', 'name: a\ntasks: [', 'document.syntax', 2, 9],
    ['a repeated key', `${head}name: b\n`, 'document.duplicate_key', 3, 1],
    ['a repeated key deep inside', withValue('{ k: 1, k: 2 }'), 'document.duplicate_key', 6, 18],
    ['an unknown tag', withValue('!secret x'), 'document.syntax', 6, 10],
    ['two documents', `${head}---\n${head}`, 'document.syntax', 3, 1],
    ['an alias without an anchor', withValue('*nobody'), 'document.alias', 6, 10],
    ['an alias inside of its anchor', withValue('&v [ *v ]'), 'document.alias', 6, 15],
    ['a key __proto__', withValue('{ __proto__: 1 }'), 'document.key', 6, 12],
    ['a key constructor', withValue('{ constructor: 1 }'), 'document.key', 6, 12],
    ['a key that is a list', withValue('{ [a]: 1 }'), 'document.key', 6, 10],
    ['NUL', withValue('"a\\0b"'), 'document.nul', 6, 10],
    ['NUL in a key', withValue('{ "a\\0": 1 }'), 'document.nul', 6, 12],
    ['half of a surrogate pair', withValue('"\\uD800"'), 'document.surrogate', 6, 10],
    ['a key of two texts', withValue('{ [a, b]: 1 }'), 'document.key', 6, 10],
    ['a number that is infinite', withValue('.inf'), 'document.number', 6, 10],
    ['an integer beyond 2^53', withValue('9007199254740993'), 'document.number', 6, 10],
  ])('with %s is refused at its place', (_name, text, code, line, column) => {
    const { plan, errors } = check(text);
    expect(plan).toBeNull();
    expect(errors[0]).toMatchObject({ code, line, column });
  });

  it('with anchors and aliases means the same as written out', () => {
    const { plan } = check('name: a\nlabels: &l { team: x }\ntasks:\n  - { id: a, uses: core.set, with: { v: *l, w: &n [1, *l], x: *n } }');
    expect(plan?.tasks[0]?.with).toEqual({ v: { team: 'x' }, w: [1, { team: 'x' }], x: [1, { team: 'x' }] });
  });

  it('with a fault behind an alias shows the fault', () => {
    expect(check('name: a\ninputs: { a: &i { type: nothing }, b: *i }\ntasks: [ { id: a, uses: core.noop } ]').errors).toEqual([
      expect.objectContaining({ path: '/inputs/a/type', line: 2 }), expect.objectContaining({ path: '/inputs/b/type', line: 2 }),
    ]);
  });

  it('with keys without values has them as null', () => {
    expect(check(withValue('{ k, l: }')).plan?.tasks[0]?.with).toEqual({ v: { k: null, l: null } });
    expect(check(withValue('\n        ? k')).plan?.tasks[0]?.with).toEqual({ v: { k: null } });
  });

  it('with an alias of a single value has it in both places', () => {
    expect(check(withValue('[ &one 1, *one ]')).plan?.tasks[0]?.with).toEqual({ v: [1, 1] });
  });

  it('with an integer above 2^53 that is written as a fraction or a power keeps it', () => {
    expect(check(withValue('[ 9007199254740993.0, 1e20, 0x1F ]')).plan?.tasks[0]?.with).toEqual({ v: [9007199254740992, 1e20, 31] });
  });

  it('that folds a faulty expression over lines shows where the expressions of that text begin', () => {
    expect(check(withValue('>-\n        some text ${{ nobody\n        + 1 }}')).errors[0]).toMatchObject({ code: 'expression.name', line: 7, column: 19 });
  });

  it('with a faulty expression in a text with escapes shows its place in the text as it is written', () => {
    expect(check(withValue('"a ${{ \\"x\\" + nobody }}"')).errors[0]).toMatchObject({ code: 'expression.name', line: 6, column: 25 });
  });

  it('with an alias bomb is refused before it grows', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `  l${n + 1}: &l${n + 1} [${Array.from({ length: 9 }, () => `*l${n}`).join(', ')}]`);
    const { errors } = check(withValue(`\n  l0: &l0 [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}`.replace(/\n {2}l/g, '\n        l')));
    expect(errors[0]).toMatchObject({ code: 'document.alias', message: expect.stringContaining('with its aliases written out') });
  });

  it.each([['brackets', '['.repeat(50_000)], ['dashes', '- '.repeat(20_000)], ['question marks', '? '.repeat(20_000)], ['indents', Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')], ['closed brackets', `a: ${'['.repeat(70)}${']'.repeat(70)}`]])(
    'nested without end is refused: %s',
    (_name, text) => {
      expect(check(text).errors[0]?.message).toContain('nested more than 64 levels deep');
    },
  );

  it('may begin with a byte order mark, and hold a date as text', () => {
    expect(check(`\uFEFF${withValue('2001-01-31')}`).plan?.tasks[0]?.with).toEqual({ v: '2001-01-31' });
  });

  it('has keys of numbers and truth values as texts', () => {
    expect(check(withValue('{ 1: a, true: b, null: c }')).plan?.tasks[0]?.with).toEqual({ v: { 1: 'a', true: 'b', null: 'c' } });
  });

  it('has at most 2 MiB', () => {
    const comment = (bytes: number): string => `${head}#${'x'.repeat(bytes - head.length - 1)}`;
    expect(check(comment(limits.yamlBytes)).errors).toEqual([]);
    expect(check(comment(limits.yamlBytes + 1)).errors).toEqual([expect.objectContaining({ code: 'document.too_large', message: expect.stringContaining('at most 2097152') })]);
  });
});

describe('a JSON document', () => {
  it.each<[string, string, string, number, number]>([
    ['bad syntax', '{"name": "a",\n "tasks": }', 'document.syntax', 2, 11],
    ['nothing in it', '', 'document.syntax', 1, 1],
    ['more after its end', '{} x', 'document.syntax', 1, 4],
    ['a missing comma', '{"a": 1 "b": 2}', 'document.syntax', 1, 9],
    ['a missing colon', '{"a" 1}', 'document.syntax', 1, 6],
    ['a text without an end', '{"a": "x', 'document.syntax', 1, 9],
    ['a wrong escape', '{"a": "\\x"}', 'document.syntax', 1, 8],
    ['a key that is no text', '{"a": 1, 5: 2}', 'document.syntax', 1, 10],
    ['a line break in a text', '{"a": "\n"}', 'document.syntax', 1, 8],
    ['a comment', '{"a": 1 /* x */}', 'document.syntax', 1, 9],
    ['a repeated key', '{"name": "a",\n "name": "b", "tasks": [{"id": "a", "uses": "core.noop"}]}', 'document.duplicate_key', 2, 2],
    ['a repeated key in another spelling', '{"name": "a",\n "n\\u0061me": "b", "tasks": [{"id": "a", "uses": "core.noop"}]}', 'document.duplicate_key', 2, 2],
    ['a key __proto__', '{"name": "a", "__proto__": {}, "tasks": [{"id": "a", "uses": "core.noop"}]}', 'document.key', 1, 15],
    ['NUL', '{"name": "a", "description": "\\u0000", "tasks": [{"id": "a", "uses": "core.noop"}]}', 'document.nul', 1, 30],
    ['an integer beyond 2^53', '{"name": "a", "priority": 9007199254740993, "tasks": []}', 'document.number', 1, 27],
    ['nesting without end', `{"name": ${'['.repeat(100_000)}`, 'document.syntax', 1, 74],
  ])('with %s is refused at its place', (_name, text, code, line, column) => {
    const { plan, errors } = json(text);
    expect(plan).toBeNull();
    expect(errors).toContainEqual(expect.objectContaining({ code, line, column }));
  });

  it('gives the same plan as the same document in YAML', () => {
    const text = JSON.stringify(definition({ description: 'ü "x" \\ / \t', labels: { a: 'b' } }, [{ id: 'a', uses: 'core.set', with: { v: [1.5, -2e3, null, true, { k: 'x' }] } }]), null, 2);
    expect(json(text)).toEqual(check(text));
    expect(json(text).plan).not.toBeNull();
  });

  it('has at most 20 MiB', () => {
    const padded = (bytes: number): string => JSON.stringify(definition()).padEnd(bytes, ' ');
    expect(json(padded(limits.jsonBytes)).errors).toEqual([]);
    expect(json(padded(limits.jsonBytes + 1)).errors).toEqual([expect.objectContaining({ code: 'document.too_large', message: expect.stringContaining('at most 20971520') })]);
  });

  it('has at most 100,000 tasks and 1,000,000 needs', () => {
    const none = Array.from({ length: limits.tasks + 1 }, () => ({}));
    expect(checkJson(definition({}, none)).errors).toEqual([expect.objectContaining({ code: 'task.too_many', message: expect.stringContaining('at most 100000') })]);
    const sources = Array.from({ length: 1_001 }, (_, n) => ({ id: `s${n}`, uses: 'core.noop' }));
    const needs = sources.map(({ id }) => id);
    const wide = Array.from({ length: 1_000 }, (_, n) => ({ id: `t${n}`, uses: 'core.noop', needs }));
    expect(checkJson(definition({}, [...sources, ...wide])).errors).toEqual([expect.objectContaining({ code: 'task.too_many_needs', message: expect.stringContaining('1001000') })]);
  });
});
