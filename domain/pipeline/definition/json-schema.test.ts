import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { catalogue, definition } from '../../../test/definition/samples';
import { definitionJsonSchema } from './json-schema';

const validator = (schema: object) => new Ajv2020({ strict: false, formats: { uri: true } }).compile(schema);
const fields = { inputs: { a: { type: 'string' } }, triggers: [{ webhook: { name: 'a' } }], concurrency: { limit: 1 }, timeout: '5m', outputs: { r: 1 } };

describe('the JSON Schema of definitions', () => {
  it('is published as it is in code (else run scripts/generate-schemas.mjs)', () => {
    const published: unknown = JSON.parse(readFileSync(join(__dirname, '../../../schemas/pipeline.schema.json'), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(definitionJsonSchema())));
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
});
