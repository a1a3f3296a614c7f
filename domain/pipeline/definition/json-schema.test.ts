import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { builtinCatalogue, catalogue, definition } from '../../../test/definition/samples';
import { definitionJsonSchema } from './json-schema';

const validator = (schema: object) => new Ajv2020({ strict: false, formats: { uri: true, date: true, 'date-time': true } }).compile(schema);
const fields = { inputs: { a: { type: 'string' } }, triggers: [{ webhook: { name: 'a' } }], concurrency: { limit: 1 }, timeout: '5m', outputs: { r: 1 } };
const published = validator(definitionJsonSchema(builtinCatalogue));

describe('the JSON Schema of definitions', () => {
  it('is published as it is in code (else run npm run generate)', () => {
    const written: unknown = JSON.parse(readFileSync(join(__dirname, '../../../schemas/pipeline.schema.json'), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(definitionJsonSchema(builtinCatalogue))));
  });

  it('accepts what the checker accepts, and refuses what has another shape', () => {
    const validate = validator(definitionJsonSchema());
    expect(validate(definition(fields))).toBe(true);
    for (const wrong of [{ timeout: '5 minutes' }, { priority: 9 }, { nosuch: 1 }, { name: 'A' }, { triggers: [{}] }]) expect(validate(definition({ ...fields, ...wrong }))).toBe(false);
  });

  it('describes every field', () => {
    const described = (schema: unknown): boolean => typeof schema === 'object' && schema !== null && 'description' in schema;
    const { properties } = definitionJsonSchema();
    expect(Object.values(properties ?? {}).filter((property) => !described(property)).map((property) => JSON.stringify(property).slice(0, 80))).toEqual([]);
  });

  it('with a catalogue knows the fields of each processor, any of which may be an expression', () => {
    const validate = validator(definitionJsonSchema(catalogue));
    const task = (uses: string, input: object) => definition({}, [{ id: 'a', uses, with: input }]);
    expect(validate(task('core.sleep', { milliseconds: 5 }))).toBe(true);
    expect(validate(task('core.sleep', { milliseconds: '${{ inputs.n }}' }))).toBe(true);
    expect(validate(task('core.sleep', { milliseconds: 'soon' }))).toBe(false);
    expect(validate(task('core.nosuch', {}))).toBe(false);
  });

  it.each<[boolean, string, object | undefined]>([
    [true, 'data.validate', { from: 'a.csv', rules: [{ column: 'a', range: { min: '${{ inputs.n }}' } }] }],
    [true, 'duckdb.query', { sql: 'select $1', params: ['${{ inputs.n }}', 1], from: { t: '${{ tasks.a.output.artifact }}' } }],
    [true, 'email.send', { to: ['${{ inputs.to }}'], subject: 's', attachments: ['${{ tasks.a.output.artifact }}'] }],
    [true, 'http.request', { url: 'https://a.test', expect: [200, '${{ inputs.n }}'], headers: { a: '${{ secrets.KEY }}' } }],
    [true, 'core.noop', undefined],
    [false, 'core.log', undefined],
    [false, 'core.wait', { duration: '1s', until: '2030-01-01T00:00:00Z' }],
    [false, 'http.request', { url: 'https://a.test', expect: [200, 'two hundred'] }],
    [false, 'email.send', { to: 'a@a.test', subject: 's', html: '${{ inputs.n }}', htmlFrom: '${{ inputs.n }}' }],
    [false, 'sql.load', { connection: 'c', from: 'a.csv', table: 't', mode: 'merge' }],
  ])('as published is %s for %s with %j', (valid, uses, input) => {
    expect(published(definition({}, [{ id: 'a', uses, with: input }]))).toBe(valid);
  });

  it('as published lets plugins describe lists by place', () => {
    const pair = { name: 'my.pair', title: 'Pair', version: '1.0.0', mode: 'activity' as const, outputSchema: {}, inputSchema: { type: 'object', properties: { pair: { type: 'array', prefixItems: [{ type: 'number' }, true], items: false }, any: true } } };
    const validate = validator(definitionJsonSchema(new Map([[pair.name, pair]])));
    const task = (...items: unknown[]) => definition({}, [{ id: 'a', uses: pair.name, with: { pair: items, any: null } }]);
    expect([validate(task(1, 'x')), validate(task('${{ run.id }}', 'x')), validate(task('x', 'x')), validate(task(1, 'x', 2))]).toEqual([true, true, false, false]);
  });
});
