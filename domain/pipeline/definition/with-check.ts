import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { CatalogueEntry } from '../catalogue';
import { mayHoldExpression } from '../expressions/text';
import type { Nearest } from './nearest';
import type { FaultList, Path } from './place';

const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true, logger: false });
addFormats(ajv);
const validators = new WeakMap<CatalogueEntry, ValidateFunction>();

/**
 * Checks the input of a task against its processor's schema. A value that holds an expression is not known yet:
 * whatever the schema says of it is left to the check of the resolved input, just before the processor runs.
 */
export function checkWith(entry: CatalogueEntry, input: unknown, path: Path, faults: FaultList, nearest: Nearest): void {
  checkLiterals(entry, input, path, faults);
  const validate = validators.get(entry) ?? compile(entry);
  if (validate(input)) return;
  const seen = new Set<string>();
  for (const error of relevant(validate.errors ?? [], nearest)) {
    if (dependsOnExpression(error)) continue;
    const fault = faultOf(error, nearest);
    const place = [...path, ...stepsOf(error.instancePath), ...fault.below];
    const key = `${place.join('/')} ${fault.message}`;
    if (!seen.has(key)) faults.add({ path: place, key: fault.below.length > 0 && fault.code === 'with.unknown' }, fault.code, fault.message, fault.suggestion);
    seen.add(key);
  }
}

function compile(entry: CatalogueEntry): ValidateFunction {
  const { $schema: _dialect, $id: _id, ...schema } = entry.inputSchema;
  const validate = ajv.compile(schema);
  validators.set(entry, validate);
  return validate;
}

/** Program texts take no expressions: a value in a query's text would be an injection. */
function checkLiterals(entry: CatalogueEntry, input: unknown, path: Path, faults: FaultList): void {
  if (typeof input !== 'object' || input === null) return;
  for (const [name, value] of Object.entries(input)) {
    if (!entry.literal?.includes(name) || !holdsExpression(value)) continue;
    faults.add({ path: [...path, name] }, 'with.literal', `${name} is a program text and takes no expressions: values go in through params`);
  }
}

function holdsExpression(value: unknown): boolean {
  if (typeof value === 'string') return mayHoldExpression(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsExpression);
}

/** Keywords that judge a value as a whole, and so depend on every expression inside of it. */
const whole: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'not', 'if', 'const', 'enum', 'contains', 'uniqueItems']);

function dependsOnExpression({ keyword, data }: ErrorObject): boolean {
  if (typeof data === 'string') return mayHoldExpression(data);
  return whole.has(keyword) && holdsExpression(data);
}

/**
 * The errors that say something: where none of several alternatives fits, those of the alternative that comes nearest
 * instead of those of all. None of them where the value depends on an expression.
 */
function relevant(errors: ErrorObject[], nearest: Nearest): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf').sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  const outer = unions.find((union) => errors.some((error) => isInside(error, union)));
  if (!outer) return errors;
  const inside = errors.filter((error) => isInside(error, outer));
  const outside = errors.filter((error) => error !== outer && !isInside(error, outer));
  if (dependsOnExpression(outer)) return relevant(outside, nearest);
  return [...relevant(outside, nearest), ...nearestAlternative(outer, inside, nearest)];
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  return error.schemaPath.startsWith(`${union.schemaPath}/`) && error.instancePath.startsWith(union.instancePath);
}

function nearestAlternative(union: ErrorObject, inside: ErrorObject[], nearest: Nearest): ErrorObject[] {
  const alternatives = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const alternative = error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? '';
    alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
  }
  const distance = (errors: ErrorObject[]): number => errors.reduce((sum, error) => sum + weightOf(error, nearest), 0);
  const ranked = [...alternatives.values()].sort((a, b) => distance(a) - distance(b));
  const [best, second] = ranked;
  if (!best || distance(best) >= 100 || (second && distance(second) === distance(best))) return [union];
  return relevant(best, nearest);
}

/** A wrong type or constant tells of another alternative, a misspelt field of this one. */
function weightOf(error: ErrorObject, nearest: Nearest): number {
  if (error.keyword === 'type' || error.keyword === 'const') return 100;
  return faultOf(error, nearest).suggestion === undefined ? 1 : 0.5;
}

interface WithFault {
  code: string;
  message: string;
  below: string[];
  suggestion?: string;
}

function faultOf({ keyword, params, message, instancePath, parentSchema }: ErrorObject, nearest: Nearest): WithFault {
  const name = nameOf(stepsOf(instancePath));
  if (keyword === 'anyOf' || keyword === 'oneOf') return { code: 'with.value', message: `${name} has none of the forms that it may have`, below: [] };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const key = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
    const suggestion = nearest.to(key, propertiesOf(parentSchema));
    return { code: 'with.unknown', message: `unknown field ${key}`, below: [key], ...(suggestion === undefined ? {} : { suggestion }) };
  }
  if (keyword === 'required') {
    const key = String(params['missingProperty']);
    return { code: 'with.missing', message: `the field ${key} is required`, below: [key] };
  }
  if (keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    return { code: 'with.value', message: `${name} must be one of ${params['allowedValues'].map(String).join(', ')}`, below: [] };
  }
  return { code: keyword === 'type' ? 'with.type' : 'with.value', message: `${name} ${message ?? 'is not valid'}`, below: [] };
}

/** `rules[0]` rather than `0`. */
function nameOf(steps: string[]): string {
  const last = steps.at(-1) ?? 'with';
  return /^\d+$/.test(last) ? `${nameOf(steps.slice(0, -1))}[${last}]` : last;
}

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return [];
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
