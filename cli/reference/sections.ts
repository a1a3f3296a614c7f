import type { Command } from 'commander';
import { errorCodes } from '../../domain/errors';
import type { CatalogueEntry } from '../../domain/pipeline/catalogue';
import { commandsReference } from './commands';
import { fieldsOf, rulesOf, type Field, type JsonSchema } from './json-schema';
import { table } from './markdown';

export type DescribedProcessor = Omit<CatalogueEntry, 'inputSchema' | 'outputSchema'> & { inputSchema: JsonSchema; outputSchema: JsonSchema };

/** What the generated parts of the documentation are made of. */
export interface ReferenceSources {
  definition: JsonSchema;
  catalogue: readonly DescribedProcessor[];
  configuration: JsonSchema;
  openapi: OpenApi;
  program: Command;
}

export interface OpenApi {
  paths: Record<string, Record<string, { tags: string[]; summary: string; description: string; responses: Record<string, { description: string }> }>>;
}

/** Every generated section of the documentation, by name. */
export function referenceSections({ definition, catalogue, configuration, openapi, program }: ReferenceSources): Map<string, string> {
  const { tasks, ...head } = definition.properties ?? {};
  return new Map([
    ['pipeline-fields', fieldTable({ ...definition, properties: head })],
    ['task-fields', fieldTable(tasks?.items ?? {})],
    ['processors', catalogue.map(processorSection).join('\n\n')],
    ['configuration', fieldTable(configuration)],
    ['http-calls', callTables(openapi)],
    ['error-codes', table(['code', 'HTTP status'], Object.entries(errorCodes).map(([code, status]) => [`\`${code}\``, String(status)]))],
    ['commands', commandsReference(program)],
  ]);
}

/** Fields that somebody writes. */
const fieldTable = (schema: JsonSchema): string => tableOfFields(schema, 'default', ({ required, fallback }) =>
  (fallback === undefined ? (required ? 'required' : '–') : `\`${fallback}\``));

/** Fields that somebody is given. */
const outputTable = (schema: JsonSchema): string => tableOfFields(schema, 'there', ({ required }) => (required ? 'always' : 'sometimes'));

const tableOfFields = (schema: JsonSchema, lastTitle: string, last: (field: Field) => string): string => [
  table(['name', 'type', 'meaning', lastTitle], fieldsOf(schema).map((field) => [`\`${field.path}\``, field.type, field.meaning, last(field)])),
  ...[rulesOf(schema).join(' ')].filter(Boolean),
].join('\n\n');

const modes = {
  activity: 'Runs as an activity.',
  quick: 'Quick: runs as a local activity, without a queue.',
  workflow: 'A step of the workflow itself.',
} as const;

function processorSection({ name, title, description, mode, literal, inputSchema, outputSchema }: DescribedProcessor): string {
  const words = [description, modes[mode], outputSchema.type === 'null' && 'It has no output.', ...(literal?.map((path) => `\`${path}\` refuses expressions.`) ?? [])];
  return [
    `### \`${name}\``,
    `${title}. ${words.filter(Boolean).join(' ')}`,
    ...partOf('with', inputSchema, fieldTable), ...partOf('output', outputSchema, outputTable),
  ].join('\n\n');
}

/** An object whose fields are free has none to list. */
const partOf = (what: string, schema: JsonSchema, tableOf: (schema: JsonSchema) => string): string[] =>
  (fieldsOf(schema).length === 0 ? [] : [`\`${what}\``, tableOf(schema)]);

function callTables({ paths }: OpenApi): string {
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, call]) => ({ path, method, ...call })));
  const tags = [...new Set(calls.flatMap((call) => call.tags))];
  return tags.map((tag) => [`### ${tag}`, table(['call', 'what', 'role', 'success'], calls.filter((call) => call.tags.includes(tag)).map(callRow))].join('\n\n')).join('\n\n');
}

function callRow({ path, method, summary, description, responses }: OpenApi['paths'][string][string] & { path: string; method: string }): string[] {
  const role = /^Role: (`\w+`)/.exec(description)?.[1] ?? description.toLowerCase().replace(/\.$/, '');
  const success = Object.entries(responses).filter(([status]) => status.startsWith('2')).map(([status, response]) => `${status}: ${response.description}`);
  return [`\`${method.toUpperCase()} ${path}\``, summary, role, success.join('; ')];
}
