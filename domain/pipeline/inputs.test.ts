import type { Json, JsonObject } from '../json';
import { resolveInputs } from './inputs';
import type { InputSpec } from './plan';

const specs: Record<string, InputSpec> = {
  month: { type: 'string', default: '2001-01', pattern: '^\\d{4}-\\d{2}$' },
  publish: { type: 'boolean', required: true },
  limit: { type: 'integer', minimum: 1, maximum: 10 },
  ratio: { type: 'number' },
  names: { type: 'array', items: { type: 'string' }, maxLength: 3 },
  mode: { type: 'string', enum: ['fast', 'slow'] },
  point: { type: 'object', enum: [{ x: 1, y: [2] }] },
  short: { type: 'string', maxLength: 3 },
};
const resolve = (given: JsonObject) => resolveInputs(specs, { publish: true, ...given });
const problems = (given: JsonObject): string[] => resolve(given).faults.map(({ code, path, message }) => `${code} ${path}: ${message}`);

describe('inputs of a run', () => {
  it('are completed with their defaults; the rest stays out', () => {
    expect(resolve({ ratio: 0.5 })).toEqual({ inputs: { month: '2001-01', publish: true, ratio: 0.5 }, faults: [] });
  });

  it.each<JsonObject>([{ limit: 1 }, { limit: 10 }, { names: ['a', 'b'] }, { mode: 'slow' }, { point: { y: [2], x: 1 } }, { short: 'abc' }, { month: '2001-12' }])('may be %j', (given) => {
    expect(problems(given)).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['month', 'x', 'does not match'], ['month', 5, 'must be a string'], ['publish', 'true', 'must be a boolean'], ['limit', 0, 'must be at least 1'], ['limit', 11, 'must be at most 10'],
    ['limit', 1.5, 'must be an integer'], ['ratio', '1', 'must be a number'], ['names', ['a', 1], 'must hold only string items, item 1 is not'], ['names', ['a', 'b', 'c', 'd'], 'has more than 3 items'],
    ['names', {}, 'must be an array'], ['mode', 'other', 'must be one of "fast", "slow"'], ['point', { x: 1 }, 'must be one of'], ['point', [], 'must be an object'], ['short', 'abcd', 'has more than 3 characters'], ['short', 'a\0', 'holds a NUL character'], ['month', null, 'must be a string'],
  ])('%s may not be %j', (name, value, message) => {
    expect(problems({ [name]: value })).toEqual([expect.stringContaining(`input.value /${name}: the input ${name} ${message}`)]);
  });

  it('that are required and not given are faults', () => {
    expect(resolveInputs(specs, {}).faults).toEqual([{ code: 'input.missing', message: 'the input publish is required', path: '/publish' }]);
  });

  it('that do not exist are faults, with the nearest name', () => {
    expect(resolve({ mnth: 'x' }).faults).toEqual([{ code: 'input.unknown', message: 'there is no input mnth', path: '/mnth', suggestion: 'month' }]);
    expect(resolveInputs(undefined, { a: 1 }).faults).toEqual([{ code: 'input.unknown', message: 'there is no input a', path: '/a' }]);
    expect(resolveInputs(undefined, JSON.parse('{"__proto__": 1}')).faults).toHaveLength(1);
  });

  it('have at most 64 KiB together', () => {
    const text: Record<string, InputSpec> = { a: { type: 'string' } };
    expect(resolveInputs(text, { a: 'x'.repeat(65_536 - 8) }).faults).toEqual([]);
    expect(resolveInputs(text, { a: 'x'.repeat(65_536 - 7) }).faults).toEqual([expect.objectContaining({ code: 'input.too_large' })]);
  });

  it('are matched in linear time', () => {
    const slow: Record<string, InputSpec> = { a: { type: 'string', pattern: '^(a+)+$' } };
    const before = process.cpuUsage();
    expect(resolveInputs(slow, { a: `${'a'.repeat(50_000)}b` }).faults).toHaveLength(1);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });
});
