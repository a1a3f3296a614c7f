import fc from 'fast-check';
import { catalogue } from '../../../test/definition/samples';
import { checkDefinition, type CheckResult, type DefinitionFormat } from './check';

const formats: DefinitionFormat[] = ['yaml', 'json'];

/** Either a plan or faults, and every fault has its place and reason. */
function expectAnswer({ plan, errors }: CheckResult): void {
  expect(plan === null).toBe(errors.length > 0);
  for (const { code, message, line, column } of errors) {
    expect([code, message]).not.toContain('');
    if (code !== 'document.more_faults') expect(Math.min(line ?? 0, column ?? 0)).toBeGreaterThan(0);
  }
}

const piece = fc.oneof(
  fc.constantFrom('- ', ': ', '\n', '  ', '{', '}', '[', ']', ',', '&a ', '*a', '!!str ', '"', "'", '|\n', '>\n', '#', '---\n', '...\n', '%YAML 1.1\n', '? ', 'name', 'tasks', 'id', 'uses', 'core.noop', '\t', '\r\n', '\0', '\uFEFF', '~', '<<', '1e999', '${{', '}}', '\\'),
  fc.string({ maxLength: 3, unit: 'binary' }),
);

const whole = {
  name: 'a', description: 'd', labels: { x: 'y' }, priority: 3, timeout: '7d', failFast: false, cleanupTimeout: '1m',
  inputs: { m: { type: 'string', default: 'q', pattern: '^q$', enum: ['q'], maxLength: 3, required: true }, n: { type: 'integer', minimum: 1, maximum: 2 }, l: { type: 'array', items: { type: 'string' } } },
  triggers: [
    { schedule: { name: 's', cron: '0 6 * * *', timezone: 'UTC', overlap: 'skip', catchup: '1h', inputs: { m: 'q' } } },
    { webhook: { name: 'w', secret: 'K', filter: 'event.x == 1', inputs: { m: '${{ event.m }}' } } }, { run: { name: 'r', pipeline: 'b', statuses: ['failed'] } },
  ],
  concurrency: { key: '${{ inputs.m }}', limit: 1, whenFull: 'queue' },
  defaults: { timeout: '1m', queue: 'q', retry: { maxAttempts: 1, initialInterval: '1s', backoff: 2, maxInterval: '1m', nonRetryable: ['x'] } },
  tasks: [
    { id: 'a', uses: 'core.noop' },
    { id: 'b', uses: 'core.log', needs: ['a'], if: 'always()', with: { message: '${{ tasks.a.output }}' }, forEach: { in: '[1]', as: 'it', maxParallel: 1, continueOnError: true }, retry: { maxAttempts: 2 }, timeout: '1s', totalTimeout: '1m', continueOnError: true, queue: 'z', priority: 1, fairnessKey: 'f' },
  ],
  outputs: { o: '${{ tasks.b.output }}' },
};

type Path = readonly string[];
const pathsOf = (value: object, path: Path = []): Path[] =>
  Object.entries(value).flatMap(([key, item]: [string, unknown]) => [[...path, key], ...(typeof item === 'object' && item !== null ? pathsOf(item, [...path, key]) : [])]);

/** The same value with another one at a path, or with the field there called otherwise. */
function changed(value: unknown, [step = '', ...rest]: Path, other: unknown, rename: boolean): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const name = rename && rest.length === 0 && !Array.isArray(value) ? JSON.stringify(other).slice(0, 50) + step : step;
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => (key === step ? [name, rest.length > 0 ? changed(item, rest, other, rename) : name === step ? other : item] : [key, item]));
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, '', 0, -1, 1e308, 'x'.repeat(5_000), '(', '${{', '${{ }}', [], {}, [[]], '__proto__', '\0'));

describe('a check', () => {
  it('answers whatever is written', () => {
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom(...formats), (pieces, format) => expectAnswer(checkDefinition(pieces.join(''), format, catalogue))), { numRuns: 500 });
  });

  it('answers whatever stands in a field, and however the field is called', () => {
    expect(checkDefinition(JSON.stringify(whole), 'json', catalogue).errors).toEqual([]);
    fc.assert(fc.property(fc.constantFrom(...pathsOf(whole)), anything, fc.boolean(), fc.constantFrom(...formats), (path, other, rename, format) =>
      expectAnswer(checkDefinition(JSON.stringify(changed(whole, path, other, rename)), format, catalogue))), { numRuns: 250 });
  });
});
