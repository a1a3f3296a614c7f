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

  it.each<[string, string, number, number]>([
    ['folded', '>-\n        some text ${{ nobody\n        + 1 }}', 7, 23],
    ['in a block', '|\n        ${{ run.id +\n        nobody }}', 8, 9],
    ['plain over lines', 'a ${{ run.id\n        + nobody }}', 7, 11],
    ['in quotes with escapes', '"a ${{ \\"x\\" + nobody }}"', 6, 25],
    ['in quotes with escapes, over lines', '"\\t ${{ run.id\n        + nobody }}"', 7, 11],
  ])('with a faulty expression %s shows its place', (_name, text, line, column) => {
    expect(check(withValue(text)).errors[0]).toMatchObject({ code: 'expression.name', line, column });
  });

  it('with a faulty expression in a text that is written quite otherwise shows where its expressions begin', () => {
    expect(check(withValue('"\\x41 ${{ \\x6eobody }}"')).errors[0]).toMatchObject({ message: 'unknown name nobody', line: 6, column: 16 });
  });

  it('shows the second of two faulty expressions at its own place', () => {
    const text = withValue('"${{ nobody }} ${{ nobody }}"');
    expect(check(text).errors.map(({ column }) => column)).toEqual([15, 29]);
  });

  it.each([['yes', 'true'], ['On', 'true'], ['no', 'false'], ['OFF', 'false'], ['maybe', undefined]])('is YAML 1.2: %s is a text and no truth value', (text, meant) => {
    expect(check(`${head}failFast: ${text}\n`).errors).toEqual([expect.objectContaining({ message: 'failFast must be true or false, not a text', ...(meant && { suggestion: meant }) })]);
    expect(check(withValue(text)).plan?.tasks[0]?.with).toEqual({ v: text });
  });

  it.each<[string, unknown]>([
    ['0777', 777], ['0o17', 15], ['0x1F', 31], ['1_000', '1_000'], ['12:30:45', '12:30:45'], ['1e3', 1000], ['.5', 0.5], ['~', null], ['2001-01-31T00:00:00Z', '2001-01-31T00:00:00Z'], ['!!str 5', '5'], ['"a\\u2028b"', 'a\u2028b'], ['{ y: n, on: off }', { y: 'n', on: 'off' }],
  ])('has %s as its core schema says', (text, expected) => {
    expect(check(withValue(text)).plan?.tasks[0]?.with).toEqual({ v: expected });
  });

  it.each(['!!binary aGk=', '!!set { a, b }', '!!timestamp 2001-01-31', '!!omap [ a: 1 ]', '!!js/function "x"', '{ !!merge <<: { a: 1 } }'])('with a value that JSON does not have is refused: %s', (text) => {
    expect(check(withValue(text)).errors).toEqual([expect.objectContaining({ code: 'document.syntax', line: 6, message: expect.stringContaining('unknown tag: ') })]);
  });

  it('that says it is YAML 1.1 is refused', () => {
    expect(check(`%YAML 1.1\n---\n${head}`).errors).toEqual([{ code: 'document.syntax', message: 'the document says that it is YAML 1.1, and pipelines are YAML 1.2', path: '', line: 1, column: 1 }]);
    expect(check(`%YAML 1.2\n---\n${head}`).errors).toEqual([]);
  });

  it('with line ends of Windows means the same, and faults have the same places', () => {
    const text = `${head}nosuch: |\n  a\n  b\n`;
    expect(check(text.replaceAll('\n', '\r\n'))).toEqual(check(text));
    expect(check(withValue('|\n        a\n        b').replaceAll('\n', '\r\n')).plan?.tasks[0]?.with).toEqual({ v: 'a\nb\n' });
  });

  it.each([['indented with a tab', 'name: a\ntasks:\n\t- id: a\n'], ['with two pipelines', `${head}---\n${head}`]])('%s is refused in words of ours', (_name, text) => {
    expect(check(text).errors).toEqual([expect.objectContaining({ line: 3, message: expect.stringMatching(/^(Tabs are not allowed as indentation|a file holds one pipeline, and here begins another document)$/) })]);
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

  it('may begin with a byte order mark', () => {
    expect(json(`\uFEFF${JSON.stringify(definition())}`).errors).toEqual([]);
  });

  it('that lacks a field shows the place of the value that lacks it', () => {
    expect(json('{"tasks": [\n {"id": "a",\n  "uses": "core.noop", "forEach": {"in": []}}]}').errors).toEqual([
      expect.objectContaining({ path: '/name', line: 1, column: 1 }), expect.objectContaining({ path: '/tasks/0/forEach/as', line: 3, column: 35 }),
    ]);
  });

  it('with a key of a megabyte says so in few words, at every place below it', () => {
    const { errors } = json(JSON.stringify(definition({}, [{ id: 'a', uses: 'core.noop', with: { ['k'.repeat(1 << 20)]: Array.from({ length: 900 }, () => '${{ nobody }}') } }])));
    expect(errors.length).toBeGreaterThan(900);
    expect(JSON.stringify(errors).length).toBeLessThan(2_000_000);
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
    const sources = Array.from({ length: 1_000 }, (_, n) => ({ id: `s${n}`, uses: 'core.noop' }));
    const needs = sources.map(({ id }) => id);
    const wide = Array.from({ length: 1_000 }, (_, n) => ({ id: `t${n}`, uses: 'core.noop', needs }));
    expect(checkJson(definition({}, [...sources, ...wide])).errors).toEqual([]);
    const one = { id: 'one', uses: 'core.noop', needs: ['t0'] };
    expect(checkJson(definition({}, [...sources, ...wide, one])).errors).toEqual([expect.objectContaining({ code: 'task.too_many_needs', message: expect.stringContaining('1000001') })]);
  });
});
