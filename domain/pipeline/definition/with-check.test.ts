import { builtinCatalogue, definition } from '../../../test/definition/samples';
import type { CatalogueEntry } from '../catalogue';
import { checkDefinition } from './check';

/** The faults of `with` for a processor: place below `with`, and message. */
function withFaults(uses: string, input: object, more: readonly CatalogueEntry[] = []): string[] {
  const catalogue = new Map([...builtinCatalogue, ...more.map((entry) => [entry.name, entry] as const)]);
  const { errors } = checkDefinition(JSON.stringify(definition({}, [{ id: 'x', uses, with: input }])), 'json', catalogue);
  return errors.map(({ path, message }) => `${path.replace('/tasks/0/with', '') || '/'}: ${message}`);
}

const plugin = (inputSchema: CatalogueEntry['inputSchema'], literal?: string[]): CatalogueEntry => ({
  name: 'my.plugin', title: 'Mine', version: '1.0.0', mode: 'activity', inputSchema, outputSchema: {}, ...(literal && { literal }),
});

describe('the input of a processor of ours', () => {
  it.each<[string, string, object, string]>([
    ['a name that is none', 'shell.run', { program: 'p', env: { 'a b': 1 } }, '/env/a b: a name in env must match pattern "^[A-Za-z_][A-Za-z0-9_]*$", and "a b" does not'],
    ['a field that another one needs', 'data.validate', { from: 'a.csv', rules: [{ range: { min: 1 } }] }, '/rules/0/column: the field column is required with range'],
    ['neither of two fields', 'core.wait', {}, '/: with needs exactly one of duration and until, and has none'],
    ['both of two fields', 'core.wait', { duration: '1s', until: '2030-01-01T00:00:00Z' }, '/until: with needs exactly one of duration and until, and has duration and until'],
    ['both of two fields, one an expression', 'core.wait', { duration: '${{ run.id }}', until: '2030-01-01T00:00:00Z' }, '/until: with needs exactly one of duration and until, and has duration and until'],
    ['a moment without an offset', 'core.wait', { until: '2030-01-01' }, '/until: until must be a moment with an offset, such as 2030-01-31T12:00:00Z'],
    ['an address that is none', 'http.request', { url: 'not an address' }, '/url: url must be an address such as https://example.org/path'],
    ['two bodies', 'http.request', { url: 'https://a.test', json: 1, body: '${{ run.id }}' }, '/body: with takes only one of json and body'],
    ['two sources of HTML', 'email.send', { to: 'a@a.test', subject: 's', html: 'h', htmlFrom: '${{ inputs.report }}' }, '/htmlFrom: with takes only one of html and htmlFrom'],
    ['recipients of another kind', 'email.send', { to: 5, subject: 's' }, '/to: to must be a text or a list, not a number'],
    ['a rule without a check', 'data.validate', { from: 'a.csv', rules: [{ column: 'a' }] }, '/rules/0: rules[0] needs exactly one of rowCount, notNull, unique, range, in, regex, reference and sql, and has none'],
    ['a rule with two checks', 'data.validate', { from: 'a.csv', rules: [{ column: 'a', notNull: true, range: { min: 1 } }] }, '/rules/0/range: rules[0] needs exactly one of rowCount, notNull, unique, range, in, regex, reference and sql, and has notNull and range'],
    ['bounds that bound nothing', 'data.validate', { from: 'a.csv', rules: [{ rowCount: {} }] }, '/rules/0/rowCount: rowCount needs min or max'],
    ['a constant of another value', 'data.validate', { from: 'a.csv', rules: [{ column: 'a', notNull: false }] }, '/rules/0/notNull: notNull must be true'],
    ['a misspelt field deep inside', 'data.validate', { from: 'a.csv', rules: [{ rowCount: { mim: 1 } }] }, '/rules/0/rowCount/mim: unknown field mim'],
    ['no key for a merge', 'sql.load', { connection: 'a', from: 'a.csv', table: 't', mode: 'merge' }, '/key: the field key is required when mode is merge'],
    ['a word that is not known', 'sql.load', { connection: 'a', from: 'a.csv', table: 't', mode: 'upsert' }, '/mode: mode must be one of append, replace, merge'],
  ])('with %s is refused in words: %s', (_name, uses, input, fault) => {
    expect(withFaults(uses, input).filter((found) => !found.includes('there is no input'))).toEqual([fault]);
  });

  it.each<[string, object]>([
    ['core.wait', { duration: '${{ run.id }}' }],
    ['sql.load', { connection: 'a', from: 'a.csv', table: 't', mode: '${{ run.id }}' }],
    ['data.validate', { from: '${{ run.id }}', rules: [{ column: 'a', unique: '${{ [run.id] }}' }] }],
    ['email.send', { to: ['${{ run.id }}'], subject: 's', attachments: ['${{ run.id }}'] }],
  ])('that the input at run time may complete is accepted: %s %j', (uses, input) => {
    expect(withFaults(uses, input)).toEqual([]);
  });
});

it('that is wrong in very many places is answered in time, with a thousand faults at most', () => {
  const before = process.cpuUsage();
  expect(withFaults('duckdb.query', { sql: 'select 1', params: Array.from({ length: 60_000 }, () => ({})) }).length).toBeGreaterThan(100);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
});

describe('a program text', () => {
  it.each<[string, object, string]>([
    ['duckdb.query', { sql: 'select ${{ run.id }}' }, '/sql: sql is a program text and takes no expressions: values go in through params'],
    ['sql.query', { connection: 'a', sql: "select '$${{'" }, '/sql: sql is a program text and takes no expressions: values go in through params'],
    ['data.validate', { from: 'a.csv', rules: [{ column: 'a', notNull: true }, { sql: 'select ${{ run.id }}' }] }, '/rules/1/sql: sql is a program text and takes no expressions'],
    ['data.validate', { from: 'a.csv', rules: ['${{ run.id }}'] }, '/rules/0: rules[0] holds a program text, sql, and so cannot be an expression itself'],
    ['data.validate', { from: 'a.csv', rules: '${{ run.id }}' }, '/rules: rules holds a program text, sql, and so cannot be an expression itself'],
  ])('of %s takes no expression: %j', (uses, input, fault) => {
    expect(withFaults(uses, input)).toEqual([fault]);
  });

  it('is found through lists and maps, also where it is a list of texts itself', () => {
    const entry = plugin({ type: 'object' }, ['steps.program.lines', 'script']);
    const input = { steps: [[{ program: { lines: ['a', '${{ run.id }}'] } }], { program: {} }, 5], lines: '${{ run.id }}' };
    expect(withFaults('my.plugin', input, [entry])).toEqual(['/steps/0/0/program/lines: lines is a program text and takes no expressions']);
  });
});

describe('the input of a plugin', () => {
  it.each<[string, object, unknown, string]>([
    ['alternatives without a type', { anyOf: [{ const: 1 }, { const: 3 }] }, 2, 'v has none of the forms that it may have'],
    ['alternatives that both fit', { oneOf: [{ type: 'number' }, { minimum: 5 }] }, 6, 'v has none of the forms that it may have'],
    ['a field that is excluded', { not: { required: ['a'] } }, { a: 1 }, 'v has a form that it may not have'],
    ['a condition on a number', { properties: { a: {} }, if: { properties: { a: { const: 1 } } }, then: { required: ['b'] } }, { a: 1 }, 'the field b is required'],
    ['a list that is too short', { type: 'array', minItems: 2 }, [1], 'v must NOT have fewer than 2 items'],
    ['a form that is excluded', { not: { type: 'number' } }, 6, 'v has a form that it may not have'],
    ['a format of its own', { type: 'string', format: 'ipv4' }, 'x', 'v must be of the format ipv4'],
    ['no null', { type: 'null' }, 6, 'v must be empty, not a number'],
    ['several types', { type: ['string', 'boolean'] }, 6, 'v must be a text or true or false, not a number'],
    ['a type of its own', { type: 'string' }, null, 'v must be a text, not empty'],
    ['a condition of another kind', { if: { minLength: 2 }, then: { pattern: '^a' } }, 'bc', 'v must match pattern "^a"'],
    ['a required field under a condition without constants', { if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }, 'the field b is required'],
    ['the nearest of several alternatives', { anyOf: [{ type: 'object', properties: { first: {} }, required: ['first'], additionalProperties: false }, { type: 'object', properties: { second: {}, third: {} }, required: ['second', 'third'] }] }, {}, 'the field first is required'],
    ['an escaped name', { type: 'object', properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 5 }, 'a/b~c must be a text, not a number'],
  ])('with %s is checked too', (_name, schema, value, message) => {
    const entry = plugin({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'mine', type: 'object', properties: { v: schema } });
    expect(withFaults('my.plugin', { v: value }, [entry])).toEqual([expect.stringContaining(message)]);
  });
});
