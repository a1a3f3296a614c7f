import type { ErrorObject } from 'ajv/dist/2020';
import { isJsonObject } from './json-value';
import type { Nearest } from './nearest';
import { kindNamed, kindOf } from './shape';

/** What an error of ajv says, in words of the language. */
export interface WithFault {
  code: string;
  message: string;
  /** The way from the value that ajv judged to the one at fault. */
  below: string[];
  suggestion?: string | undefined;
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'a moment with an offset, such as 2030-01-31T12:00:00Z', uri: 'an address such as https://example.org/path',
};

/** The words for one error. `conditions` are the errors of `if`, which tell when a field is required. */
export function wordsOf(error: ErrorObject, conditions: readonly ErrorObject[], nearest: Nearest): WithFault {
  const name = nameOf(stepsOf(error.instancePath));
  const here = (code: string, message: string): WithFault => ({ code, message: `${name} ${message}`, below: [] });
  const { keyword, params, data } = error;
  switch (keyword) {
    case 'additionalProperties':
      return unknownField(String(params['additionalProperty']), error, nearest);
    case 'required': {
      const field = String(params['missingProperty']);
      return { code: 'with.missing', message: `the field ${field} is required${conditionOf(error, conditions)}`, below: [field] };
    }
    case 'oneOf':
    case 'anyOf':
      return fieldsOfUnion(error) ? oneOfFields(error, name) : (wrongTag(error, nearest) ?? here('with.value', formsOf(error)));
    case 'not': {
      const excluded = fieldsOfNot(error);
      return excluded ? { code: 'with.value', message: `${name} takes only one of ${listed(excluded)}`, below: excluded.slice(-1) } : here('with.value', 'has a form that it may not have');
    }
    case 'enum':
    case 'const':
      return { ...here('with.value', `must be ${allowedOf(params)}`), suggestion: nearestAllowed(params, data, nearest) };
    case 'type':
      return here('with.type', `must be ${[params['type']].flat().map(kindNamed).join(' or ')}, not ${kindOf(data)}`);
    case 'format':
      return here('with.value', `must be ${formats[String(params['format'])] ?? `of the format ${String(params['format'])}`}`);
    case 'dependentRequired': {
      const field = String(params['missingProperty']);
      return { code: 'with.missing', message: `the field ${field} is required with ${String(params['property'])}`, below: [field] };
    }
    case 'minProperties':
      return here('with.missing', `needs ${propertiesOf(error.parentSchema).join(' or ') || 'a field'}`);
    default:
      return error.propertyName === undefined ? here('with.value', error.message ?? 'is not valid') : wrongName(error.propertyName, error, name);
  }
}

const wrongName = (given: string, { message = 'is not valid' }: ErrorObject, name: string): WithFault =>
  ({ code: 'with.value', message: `a name in ${name} ${message}, and ${JSON.stringify(given)} does not`, below: [given] });

function unknownField(field: string, { parentSchema }: ErrorObject, nearest: Nearest): WithFault {
  return { code: 'with.unknown', message: `unknown field ${field}`, below: [field], suggestion: nearest.to(field, propertiesOf(parentSchema)) };
}

function allowedOf(params: Record<string, unknown>): string {
  const { allowedValues, allowedValue } = params;
  return Array.isArray(allowedValues) ? `one of ${allowedValues.map(String).join(', ')}` : JSON.stringify(allowedValue);
}

function nearestAllowed({ allowedValues }: Record<string, unknown>, data: unknown, nearest: Nearest): string | undefined {
  return Array.isArray(allowedValues) && typeof data === 'string' ? nearest.to(data, allowedValues.map(String)) : undefined;
}

/**
 * The fields of which exactly one is needed, where the alternatives of a union ask for nothing but a field each. Whether
 * they are there is known also while their values are expressions.
 */
export function fieldsOfUnion({ keyword, schema }: ErrorObject): string[] | null {
  if (keyword !== 'oneOf' || !Array.isArray(schema)) return null;
  const fields = schema.map(requiredOnly);
  return fields.length > 1 && fields.every((each) => each !== null) ? fields.flat() : null;
}

/** The field whose value says which alternative of a union is meant, where each asks for another one; `chosen` is -1 for none of them. */
export function tagOf({ keyword, schema, data }: ErrorObject): { field: string; values: unknown[]; chosen: number } | null {
  if (keyword !== 'oneOf' || !Array.isArray(schema) || !isJsonObject(data)) return null;
  const [first = {}, ...others] = schema.map(constantsOf);
  const field = Object.keys(first).find((name) => others.every((each) => Object.hasOwn(each, name)));
  if (field === undefined) return null;
  const values = [first, ...others].map((each) => each[field]);
  return { field, values, chosen: Object.hasOwn(data, field) ? values.indexOf(data[field]) : -1 };
}

const constantsOf = (schema: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {}).flatMap(([name, each]) => (isJsonObject(each) && Object.hasOwn(each, 'const') ? [[name, each['const']]] : [])));

function wrongTag(error: ErrorObject, nearest: Nearest): WithFault | null {
  const tag = tagOf(error);
  if (!tag || !isJsonObject(error.data)) return null;
  const { field, values } = tag;
  const given = error.data[field];
  if (given === undefined) return { code: 'with.missing', message: `the field ${field} is required`, below: [field] };
  return { code: 'with.value', message: `${field} must be one of ${values.map(String).join(', ')}`, below: [field], suggestion: nearestAllowed({ allowedValues: values }, given, nearest) };
}

/** The fields that exclude each other, where that is all that a `not` asks. */
export function fieldsOfNot({ keyword, schema }: ErrorObject): string[] | null {
  const fields = keyword === 'not' ? requiredOnly(schema) : null;
  return fields && fields.length > 1 ? fields : null;
}

function requiredOnly(schema: unknown): string[] | null {
  if (!isJsonObject(schema) || Object.keys(schema).join() !== 'required') return null;
  return Array.isArray(schema['required']) ? schema['required'].map(String) : null;
}

function oneOfFields(error: ErrorObject, name: string): WithFault {
  const fields = fieldsOfUnion(error) ?? [];
  const given = fields.filter((field) => isJsonObject(error.data) && Object.hasOwn(error.data, field));
  return {
    code: given.length === 0 ? 'with.missing' : 'with.value',
    message: `${name} needs exactly one of ${listed(fields)}, and has ${given.length === 0 ? 'none' : listed(given)}`,
    below: given.slice(1, 2),
  };
}

/** The kinds of value that a union takes, where its alternatives are of one kind each. */
function formsOf({ schema, data }: ErrorObject): string {
  const types = Array.isArray(schema) ? schema.map((form) => (isJsonObject(form) ? form['type'] : undefined)) : [];
  const kinds = [...new Set(types.flat().map((type) => (typeof type === 'string' ? kindNamed(type) : undefined)))];
  const known = kinds.length > 0 && kinds.every((kind) => kind !== undefined) && !kinds.includes(kindOf(data));
  return known ? `must be ${kinds.join(' or ')}, not ${kindOf(data)}` : 'has none of the forms that it may have';
}

/** ` when mode is merge`, for what is required only under a condition on other fields. */
function conditionOf({ schemaPath, instancePath }: ErrorObject, conditions: readonly ErrorObject[]): string {
  const condition = conditions.find((each) => each.instancePath === instancePath && schemaPath.startsWith(`${each.schemaPath.slice(0, -'if'.length)}then/`));
  const tested = isJsonObject(condition?.parentSchema?.['if']) ? condition.parentSchema['if']['properties'] : undefined;
  const parts = isJsonObject(tested) ? Object.entries(tested).flatMap(([field, test]) => (isJsonObject(test) && typeof test['const'] === 'string' ? [`${field} is ${test['const']}`] : [])) : [];
  return parts.length > 0 ? ` when ${parts.join(' and ')}` : '';
}

/** `a, b and c`. Takes two or more. */
const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** `rules[0]` rather than `0`. */
export function nameOf(steps: readonly (string | number)[]): string {
  const last = String(steps.at(-1) ?? 'with');
  return /^\d+$/.test(last) ? `${nameOf(steps.slice(0, -1))}[${last}]` : last;
}

/** The names of the fields that a JSON Schema describes. */
export function propertiesOf(schema: unknown): string[] {
  return isJsonObject(schema) && isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
}

/** Keys and indices of a JSON pointer (RFC 6901). */
export const stepsOf = (pointer: string): string[] =>
  pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
