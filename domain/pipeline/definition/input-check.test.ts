import type { InputSpec } from '../plan';
import { faultsOf, planOf } from '../../../test/definition/samples';

const kept = (spec: object): InputSpec | undefined => planOf({ inputs: { a: spec } }).inputs?.['a'];
const inputFaults = (spec: unknown): string[] => faultsOf({ inputs: { a: spec } });

describe('an input of a pipeline', () => {
  it.each<[string, object]>([
    ['type string, with pattern, maxLength and description', { type: 'string', pattern: '^a+$', maxLength: 3, description: 'Letters' }],
    ['type integer, with minimum and maximum', { type: 'integer', minimum: 1, maximum: 9, default: 9 }],
    ['type number', { type: 'number', minimum: 0.5, default: 0.5 }],
    ['type boolean', { type: 'boolean', default: false }],
    ['type array, with items and maxLength', { type: 'array', items: { type: 'object' }, maxLength: 1, default: [{}] }],
    ['type object', { type: 'object', default: { a: { b: null } } }],
    ['required', { type: 'string', required: true }],
    ['an enum', { type: 'string', enum: ['x', 'y'], default: 'y' }],
    ['a default that looks like an expression, as a text', { type: 'string', default: '${{ run.id }}' }],
  ])('may have %s', (_name, spec) => {
    expect(kept(spec)).toEqual(spec);
  });

  it.each<[string, object, string]>([
    ['an unknown field in an input', { inputs: { a: { type: 'string', patern: 'x' } } }, 'field.unknown /inputs/a/patern: unknown field patern (pattern?)'],
    ['an input with a word of CEL for a name', { inputs: { in: { type: 'string' } } }, 'field.name /inputs/in: the name in is a word of the expression language'],
    ['an input of no type', { inputs: { a: {} } }, 'field.missing /inputs/a/type'],
    ['an unknown type', { inputs: { a: { type: 'int' } } }, 'field.value /inputs/a/type: type must be one of'],
    ['a default that breaks its own rules', { inputs: { a: { type: 'string', default: 'b', pattern: '^a$' } } }, 'input.value /inputs/a/default: the default does not match ^a$'],
    ['a default of another type', { inputs: { a: { type: 'integer', default: 'b' } } }, 'input.value /inputs/a/default: the default must be an integer'],
    ['a default outside its enum', { inputs: { a: { type: 'integer', default: 3, enum: [1, 2] } } }, 'input.value /inputs/a/default: the default must be one of 1, 2'],
    ['an enum of another type', { inputs: { a: { type: 'integer', enum: ['x'] } } }, 'input.value /inputs/a/enum/0: the value must be an integer'],
    ['a pattern that is none', { inputs: { a: { type: 'string', pattern: '(' } } }, 'input.pattern /inputs/a/pattern'],
    ['a pattern that backtracks', { inputs: { a: { type: 'string', pattern: '(?=x)' } } }, 'input.pattern /inputs/a/pattern'],
    ['a rule of another type', { inputs: { a: { type: 'boolean', maxLength: 3 } } }, 'input.rule /inputs/a/maxLength: maxLength is no rule for boolean inputs'],
    ['a minimum above the maximum', { inputs: { a: { type: 'number', minimum: 3, maximum: 2 } } }, 'input.rule /inputs/a/minimum: minimum is above maximum'],
    ['no fields at all', { inputs: { a: 'string' } }, 'field.type /inputs/a: a must be a map of fields, not a text'],
    ['null for a default', { inputs: { a: { type: 'string', default: null } } }, 'input.value /inputs/a/default: the default must be a string'],
    ['an enum of nothing', { inputs: { a: { type: 'string', enum: [] } } }, 'field.value /inputs/a/enum'],
    ['a negative maxLength', { inputs: { a: { type: 'string', maxLength: -1 } } }, 'field.value /inputs/a/maxLength: maxLength must be at least 0'],
  ])('may not have %s', (_name, fields, fault) => {
    expect(faultsOf(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([['int', 'integer'], ['bool', 'boolean'], ['strng', 'string']])('of type %s is told of %s', (type, meant) => {
    expect(inputFaults({ type })).toEqual([expect.stringContaining(`(${meant}?)`)]);
  });

  it.each([
    ['string', 'minimum', 1], ['string', 'items', { type: 'string' }], ['integer', 'pattern', 'x'], ['number', 'maxLength', 1], ['boolean', 'maximum', 1], ['array', 'pattern', 'x'], ['object', 'maxLength', 1],
  ])('of type %s has no %s', (type, rule, value) => {
    expect(inputFaults({ type, [rule]: value })).toEqual([`input.rule /inputs/a/${rule}: ${rule} is no rule for ${type} inputs`]);
  });

  it('has a pattern of at most 1,000 characters, and of 1,000 instructions with its repetitions written out', () => {
    expect(inputFaults({ type: 'string', pattern: `^${'a'.repeat(900)}$` })).toEqual([]);
    expect(inputFaults({ type: 'string', pattern: 'a'.repeat(1_001) })).toEqual([expect.stringContaining('pattern must be at most 1000 characters')]);
    expect(inputFaults({ type: 'string', pattern: '^[a-z]{0,400}$' })).toEqual([]);
    expect(inputFaults({ type: 'string', pattern: '(?:a?){999}'.repeat(80) })).toEqual([expect.stringContaining('input.pattern /inputs/a/pattern: pattern repeats too much')]);
  });

  it('has its default matched in linear time', () => {
    const before = process.cpuUsage();
    expect(inputFaults({ type: 'string', pattern: '^(a+)+$', default: `${'a'.repeat(50_000)}b` })).toHaveLength(1);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });
});

describe('the defaults of all inputs', () => {
  it('have at most 64 KiB together, or no run could start with them', () => {
    const two = (bytes: number) => faultsOf({ inputs: { a: { type: 'string', default: 'é'.repeat(16_000) }, b: { type: 'string', default: 'x'.repeat(bytes) } } });
    const around = '{"a":"","b":""}'.length + 32_000;
    expect(two(65_536 - around)).toEqual([]);
    expect(two(65_537 - around)).toEqual(['input.too_large /inputs: the defaults have 65537 bytes together, at most 65536 are accepted']);
  });
});
