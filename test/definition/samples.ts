import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue, CatalogueEntry } from '../../domain/pipeline/catalogue';
import type { ExecutionMode, Plan } from '../../domain/pipeline/plan';
import { checkDefinition, type CheckResult } from '../../domain/pipeline/definition/check';

const published: CatalogueEntry[] = JSON.parse(readFileSync(join(__dirname, '../../schemas/catalogue.json'), 'utf8'));

/** The product's own processors. */
export const builtinCatalogue: Catalogue = new Map(published.map((entry) => [entry.name, entry]));

/** A small catalogue for tests, with one processor of each kind. */
export const catalogue: Catalogue = new Map(
  [
    entry('core.noop', 'quick', {}),
    entry('core.set', 'workflow', undefined),
    entry('core.log', 'quick', { message: { type: 'string' }, level: { enum: ['info', 'warn'] } }, ['message']),
    entry('core.wait', 'workflow', { duration: { type: 'string' }, until: { type: 'string' } }),
    entry('core.sleep', 'activity', { milliseconds: { type: 'integer', minimum: 0 } }, ['milliseconds']),
    entry('duckdb.query', 'activity', { sql: { type: 'string', minLength: 1 }, params: { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } }, save: { type: 'string' } }, ['sql'], ['sql']),
    entry('data.validate', 'activity', { rules: { type: 'array', items: { anyOf: [rule('notNull', { type: 'boolean' }), rule('range', { type: 'array', items: { type: 'number' } }), { type: 'string' }] } } }),
    entry('http.request', 'activity', { url: { type: 'string', format: 'uri' }, headers: { type: 'object', additionalProperties: { type: 'string' } }, deadline: { type: 'string' }, body: {} }, ['url']),
    { ...entry('text.gone', 'activity', {}), withdrawnAt: '2026-01-02T03:04:05.000Z' },
  ].map((processor) => [processor.name, processor]),
);

function rule(name: string, schema: object): object {
  return { type: 'object', properties: { column: { type: 'string' }, [name]: schema }, required: ['column', name], additionalProperties: false };
}

function entry(name: string, mode: ExecutionMode, properties: object | undefined, required: string[] = [], literal?: string[]): CatalogueEntry {
  const inputSchema = properties ? { type: 'object', properties, required, additionalProperties: false } : { type: 'object' };
  return { name, title: name, version: '1.0.0', mode, inputSchema, outputSchema: {}, ...(literal ? { literal } : {}) };
}

export const check = (text: string): CheckResult => checkDefinition(text, 'yaml', catalogue);
export const checkJson = (definition: unknown): CheckResult => checkDefinition(JSON.stringify(definition), 'json', catalogue);

/** A definition with the given fields and tasks, as data. */
export const definition = (fields: object = {}, tasks: readonly object[] = [{ id: 'a', uses: 'core.noop' }]): object => ({ name: 'sample', ...fields, tasks });

/** The plan of a definition with these fields, which must be right. */
export function planOf(fields: object, tasks?: readonly object[]): Plan {
  const { plan, errors } = checkJson(definition(fields, tasks));
  if (!plan) throw new Error(`the sample is not valid: ${JSON.stringify(errors)}`);
  return plan;
}

/** The faults of a definition with these fields: code, path and message of each. */
export const faultsOf = (fields: object, tasks?: readonly object[]): string[] =>
  checkJson(definition(fields, tasks)).errors.map(({ code, path, message, suggestion }) => `${code} ${path}: ${message}${suggestion === undefined ? '' : ` (${suggestion}?)`}`);

/** The faults of a definition whose first task `x` has these fields, after a task `before`. */
export const taskFaults = (fields: object): string[] => faultsOf({}, [{ id: 'x', uses: 'core.noop', ...fields }, { id: 'before', uses: 'core.noop' }]);
