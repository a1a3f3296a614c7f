/** The part of JSON Schema (draft 2020-12) that our own schemas use. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  not?: JsonSchema;
}

/** One line of a reference: a field at its path, such as `rules[].column` or `inputs.<name>.type`. */
export interface Field {
  path: string;
  type: string;
  meaning: string;
  required: boolean;
  /** As JSON; undefined when there is none. */
  fallback: string | undefined;
}

/** All fields below an object, each followed by its own fields. */
export function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix + name;
    const field: Field = {
      path, type: typeOf(property), meaning: [property.description, ...rulesOf(property)].filter(Boolean).join(' '),
      required: schema.required?.includes(name) ?? false, fallback: JSON.stringify(property.default),
    };
    return [field, ...fieldsBelow(property, path)];
  });
}

function fieldsBelow(schema: JsonSchema, path: string): Field[] {
  if (isArtifact(schema)) return [];
  if (schema.properties) return fieldsOf(schema, `${path}.`);
  if (typeof schema.additionalProperties === 'object') return fieldsBelow(schema.additionalProperties, `${path}.<name>`);
  if (schema.items) return fieldsBelow(schema.items, `${path}[]`);
  return (schema.anyOf ?? []).flatMap((alternative) => fieldsBelow(alternative, path));
}

/** Says which fields exclude or need each other, where the schema does. */
export function rulesOf(schema: JsonSchema): string[] {
  const object = schema.items ?? schema;
  const quoted = (names: string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const choices = (object.oneOf ?? []).flatMap(({ required }) => required ?? []);
  const clashes = (object.allOf ?? []).flatMap(({ not }) => (not?.required ? [not.required] : []));
  return [
    ...(choices.length > 0 ? [`Exactly one of ${quoted(choices)}.`] : []),
    ...clashes.map((names) => `Not together: ${quoted(names)}.`),
  ];
}

/** What the language calls an artifact: its reference, which travels in the place of its content. */
const isArtifact = ({ properties }: JsonSchema): boolean => properties?.['uri']?.pattern?.startsWith('^artifact:') ?? false;

/** The type of a value in a word or two. */
export function typeOf(schema: JsonSchema): string {
  if (isArtifact(schema)) return 'artifact';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  switch (schema.type) {
    case 'integer':
    case 'number': return schema.type + rangeOf(schema);
    case 'string': return textOf(schema);
    case 'array': return listOf(schema.items);
    case 'object': return mapOf(schema.additionalProperties);
    default: return schema.type ?? 'any';
  }
}

function textOf({ format, pattern }: JsonSchema): string {
  if (format === 'uri') return 'URL';
  if (format === 'date-time') return 'time';
  return pattern?.includes('ms|s|m|h|d') ? 'duration' : 'string';
}

const grouped = (type: string): string => (type.includes(' or ') ? `(${type})` : type);

function listOf(items: JsonSchema | undefined): string {
  const item = items === undefined ? 'any' : typeOf(items);
  return item === 'any' ? 'list' : `list of ${grouped(item)}`;
}

function mapOf(values: JsonSchema['additionalProperties']): string {
  const value = typeof values === 'object' ? typeOf(values) : 'any';
  return value === 'any' ? 'object' : `map of ${grouped(value)}`;
}

/** Bounds that only say "a safe integer" are not worth a word. */
function rangeOf({ minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (from !== undefined && to !== undefined) return ` ${from} to ${to}`;
  if (from !== undefined) return ` from ${from}`;
  return to === undefined ? '' : ` to ${to}`;
}
