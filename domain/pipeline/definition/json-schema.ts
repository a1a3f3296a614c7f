import { z } from 'zod';
import type { Catalogue } from '../catalogue';
import { definitionSchema } from './schema';

/** What editors know the schema by, wherever they have it from. */
export const schemaId = 'urn:datamcp:pipeline:1';

/**
 * JSON Schema (draft 2020-12) of a definition, for editors and the API. With a catalogue, `uses` is one of its
 * processors, and `with` has the fields of that one.
 */
export function definitionJsonSchema(catalogue?: Catalogue): Record<string, unknown> {
  const schema = z.toJSONSchema(definitionSchema, { io: 'input', override: ({ jsonSchema }) => catalogue && addProcessors(jsonSchema, catalogue) });
  return { $id: schemaId, ...schema };
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;
type JsonSchema = Parameters<Override>[0]['jsonSchema'];

/** The schema of a task is the one that has `uses`. */
function addProcessors(schema: JsonSchema, catalogue: Catalogue): void {
  const uses = schema.properties?.['uses'];
  if (typeof uses !== 'object') return;
  uses.enum = [...catalogue.keys()];
  schema.allOf = [...catalogue.values()].map(({ name, inputSchema, title, description }) => ({
    if: { properties: { uses: { const: name } }, required: ['uses'] },
    then: { properties: { with: { ...orExpression({ title, ...(description === undefined ? {} : { description }), ...inputSchema }), $id: `urn:datamcp:processor:${name}` } } },
  }));
}

const expression = { type: 'string' as const, pattern: '\\$\\{\\{' };

/** A value of any type may be an expression instead, at every depth. */
function orExpression(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null) return {};
  const { $schema: _dialect, ...own } = Object.fromEntries(Object.entries<unknown>({ ...schema }));
  const { properties } = own;
  if (typeof properties !== 'object' || properties === null) return own;
  const named: Record<string, unknown> = { ...properties };
  return { ...own, properties: Object.fromEntries(Object.entries(named).map(([key, value]) => [key, { anyOf: [orExpression(value), expression] }])) };
}
