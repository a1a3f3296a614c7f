import { z } from 'zod';
import type { Catalogue, CatalogueEntry } from '../catalogue';
import { isJsonObject } from './json-value';
import { definitionSchema } from './schema';

/** What editors know the schema by, wherever they have it from. */
const schemaId = 'urn:datamcp:pipeline:1';

/**
 * JSON Schema (draft 2020-12) of a definition, for editors and the API. With a catalogue, `uses` is one of its
 * processors, and `with` has the fields of that one.
 */
export function definitionJsonSchema(catalogue?: Catalogue): Record<string, unknown> {
  const schema = z.toJSONSchema(definitionSchema, { io: 'input', override: ({ jsonSchema }) => catalogue && addProcessors(jsonSchema, catalogue) });
  return { $id: schemaId, ...schema, ...(catalogue && { $defs: { ...schema.$defs, expression } }) };
}

const expression = { type: 'string' as const, pattern: '\\$\\{\\{', description: 'A text with an expression in `${{ … }}`' };

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;
type JsonSchema = Parameters<Override>[0]['jsonSchema'];

/** The schema of a task is the one that has `uses`. */
function addProcessors(schema: JsonSchema, catalogue: Catalogue): void {
  if (schema.properties?.['uses'] === undefined) return;
  const fields = [...catalogue.values()].map(({ name, inputSchema, title, description }) => ({
    if: { properties: { uses: { const: name } }, required: ['uses'] },
    then: {
      ...(Array.isArray(inputSchema['required']) && { required: ['with'] }),
      properties: { with: { title, ...(description !== undefined && { description }), ...withExpressions(withoutDialect(inputSchema)) } },
    },
  }));
  schema.allOf = [{ properties: { uses: { enum: [...catalogue.keys()] } } }, ...fields];
}

/** Part of another schema, it has the dialect and the place of that one. */
function withoutDialect(schema: CatalogueEntry['inputSchema']): Record<string, unknown> {
  const { $schema: _dialect, $id: _id, ...own } = schema;
  return own;
}

/** The same schema with an expression in place of any value inside: of fields, items and what maps hold. */
function withExpressions(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, expressionsIn(keyword, value)]));
}

function expressionsIn(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'items':
    case 'additionalProperties':
      return isJsonObject(value) ? orExpression(value) : value;
    case 'properties':
      return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, isJsonObject(field) ? orExpression(field) : field])) : value;
    case 'prefixItems':
      return Array.isArray(value) ? value.map((item: unknown) => (isJsonObject(item) ? orExpression(item) : item)) : value;
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? value.map((form: unknown) => (isJsonObject(form) ? withExpressions(form) : form)) : value;
    default:
      // `if`, `not` and `allOf` judge what is written: an expression is no reason for what they ask.
      return value;
  }
}

/** A text that holds an expression stands for any value. What editors show of a field stays with the field. */
function orExpression({ description, default: preset, ...schema }: Record<string, unknown>): Record<string, unknown> {
  const shown = { ...(description !== undefined && { description }), ...(preset !== undefined && { default: preset }) };
  return { ...shown, anyOf: [withExpressions(schema), { $ref: '#/$defs/expression' }] };
}
