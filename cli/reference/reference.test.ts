import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { configSchema } from '../../platform/config';
import { trustedJson } from '../json-text';
import { readableProgram } from './commands';
import { fieldsOf, typeOf } from './json-schema';
import { fillSections, sectionsIn, table } from './markdown';
import { referenceSections, type DescribedProcessor, type OpenApi } from './sections';

const root = join(__dirname, '..', '..');
const committed = <T>(...path: string[]): T => trustedJson<T>(readFileSync(join(root, ...path), 'utf8'));
const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const textOf = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');

const sections = referenceSections({
  definition: committed('schemas', 'pipeline.schema.json'),
  catalogue: committed<DescribedProcessor[]>('schemas', 'catalogue.json'),
  configuration: z.toJSONSchema(configSchema, { io: 'input' }) as Parameters<typeof typeOf>[0],
  openapi: committed<OpenApi>('openapi.json'),
  program: readableProgram(),
});

test.each(documents)('the generated parts of docs/%s are those of the code (npm run generate writes them)', (name) => {
  expect(textOf(name)).toBe(fillSections(textOf(name), sections));
});

test('every section has one place in the documentation', () => {
  expect(documents.flatMap((name) => sectionsIn(textOf(name))).sort()).toEqual([...sections.keys()].sort());
});

test('a section is replaced where a document asks for it, and nothing else is touched', () => {
  const document = 'before\n<!-- generated: it -->\nold\n<!-- end of generated -->\nafter';
  expect(fillSections(document, new Map([['it', 'new']]))).toBe('before\n<!-- generated: it -->\nnew\n<!-- end of generated -->\nafter');
});

test('a document that asks for an unknown section is refused', () => {
  expect(() => fillSections('<!-- generated: nothing -->\n<!-- end of generated -->', sections)).toThrow('no generated section "nothing"');
});

test('fields are listed with their own fields below them, through lists, maps and alternatives', () => {
  const inner = { type: 'object', properties: { a: { type: 'integer', minimum: 1, maximum: 5 } }, required: ['a'] };
  const fields = fieldsOf({ properties: {
    list: { type: 'array', items: inner }, map: { type: 'object', additionalProperties: inner, default: {} }, either: { anyOf: [{ type: 'string' }, inner] },
  } });
  expect(fields.map(({ path, type, required, fallback }) => [path, type, required, fallback])).toEqual([
    ['list', 'list of object', false, undefined], ['list[].a', 'integer 1 to 5', true, undefined],
    ['map', 'map of object', false, '{}'], ['map.<name>.a', 'integer 1 to 5', true, undefined],
    ['either', 'string or object', false, undefined], ['either.a', 'integer 1 to 5', true, undefined],
  ]);
});

test('what excludes each other is said', () => {
  const schema = { properties: { pair: { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }], allOf: [{ not: { required: ['c', 'd'] } }] } } };
  expect(fieldsOf(schema)[0]?.meaning).toBe('Exactly one of `a`, `b`. Not together: `c`, `d`.');
});

test.each([
  [{ enum: ['x', 1] }, '`x`, `1`'],
  [{ const: true }, '`true`'],
  [{ type: ['string', 'null'] }, 'string or null'],
  [{ type: 'number', maximum: 9 }, 'number to 9'],
  [{ type: 'integer', minimum: 0 }, 'integer from 0'],
  [{ type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, 'integer'],
  [{ type: 'array' }, 'list'],
  [{ type: 'array', items: { type: ['string', 'number'] } }, 'list of (string or number)'],
  [{ type: 'object', additionalProperties: { type: 'boolean' } }, 'map of boolean'],
  [{ type: 'string', format: 'uri' }, 'URL'],
  [{ type: 'string', format: 'date-time' }, 'time'],
  [{ type: 'object', properties: { uri: { type: 'string', pattern: '^artifact:\\/\\/' } } }, 'artifact'],
  [{}, 'any'],
])('the type of %j reads %s', (schema, word) => {
  expect(typeOf(schema)).toBe(word);
});

test('a bar in a cell does not end it, and what looks like a tag stays', () => {
  expect(table(['a'], [['x|y', '`<b>` <b>']])).toBe('| a |\n| --- |\n| x\\|y | `<b>` &lt;b> |');
});
