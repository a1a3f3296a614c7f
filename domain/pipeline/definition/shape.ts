import { z } from 'zod';
import type { Nearest } from './nearest';
import type { FaultList, Path } from './place';

type Issue = z.core.$ZodIssue;
type Steps = readonly (string | number)[];

/** A schema, and the same with every field optional. */
export interface Shape<T> {
  whole: z.ZodType<T>;
  partial: z.ZodType<Partial<T>>;
}

/**
 * Checks a value against a schema and reports every fault. What is left of the value without the faulty fields is
 * returned, so that the checks after this one still see all the rest of it.
 */
export function readShape<T>(shape: Shape<T>, value: unknown, path: Path, faults: FaultList, nearest: Nearest): Partial<T> {
  const result = shape.whole.safeParse(value);
  if (result.success) return result.data;
  result.error.issues.forEach((issue) => report({ issue, schema: shape.whole, value, path, faults, nearest }));
  return shape.partial.safeParse(without(value, result.error.issues)).data ?? {};
}

function without(value: unknown, issues: Issue[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const faulty = new Set(issues.flatMap((issue) => (issue.path.length > 0 ? [String(issue.path[0])] : issue.code === 'unrecognized_keys' ? issue.keys : [])));
  return Object.fromEntries(Object.entries(value).filter(([key]) => !faulty.has(key)));
}

interface Report {
  issue: Issue;
  schema: z.core.$ZodType;
  value: unknown;
  path: Path;
  faults: FaultList;
  nearest: Nearest;
}

function report({ issue, schema, value, path, faults, nearest }: Report): void {
  const steps = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const at = [...path, ...steps];
  const name = nameOf(steps);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, steps);
    issue.keys.forEach((key) => faults.add({ path: [...at, key], key: true }, 'field.unknown', `unknown field ${key}`, nearest.to(key, known)));
  } else if (issue.code === 'invalid_key') {
    issue.issues.forEach((inner) => faults.add({ path: at, key: true }, 'field.name', `the name ${name} ${inner.message}`));
  } else if (steps.length > 0 && valueAt(value, steps) === undefined) {
    faults.add({ path: at }, 'field.missing', `the field ${name} is required`);
  } else {
    const { code, message, suggestion } = explain(issue, nearest, valueAt(value, steps), exampleAt(schema, steps));
    faults.add({ path: at }, code, `${name} ${message}`, suggestion);
  }
}

/** What to call the value: its field, and for an item of a list the list's. */
function nameOf(steps: Steps): string {
  const last = steps.at(-1);
  if (last === undefined) return 'the value';
  return typeof last === 'number' ? `${nameOf(steps.slice(0, -1))}[${last}]` : last;
}

function explain(issue: Issue, nearest: Nearest, value: unknown, example: string): { code: string; message: string; suggestion?: string | undefined } {
  switch (issue.code) {
    case 'invalid_type':
      return { code: 'field.type', message: `must be ${kindNamed(issue.expected)}${example}, not ${kindOf(value)}`, suggestion: meantBy(issue.expected, value) };
    case 'invalid_union': {
      const expected = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? [kindNamed(inner.expected)] : []));
      return { code: 'field.type', message: `must be ${expected.join(' or ')}, not ${kindOf(value)}` };
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return { code: 'field.value', message: `must be one of ${allowed.join(', ')}`, suggestion: nearest.to(String(value), allowed) };
    }
    case 'too_small':
      return { code: 'field.value', message: `must be at least ${issue.minimum}${sizeUnit(issue.origin)}` };
    case 'too_big':
      return { code: 'field.value', message: `must be at most ${issue.maximum}${sizeUnit(issue.origin)}` };
    case 'custom':
      return { code: typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'field.value', message: issue.message };
    default:
      return { code: 'field.value', message: issue.message };
  }
}

/** What a value of another type was probably meant to be: one need without a list, or a truth value of YAML 1.1. */
function meantBy(expected: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined;
  if (expected === 'array') return `[${value}]`;
  if (expected !== 'boolean') return undefined;
  return /^(y|yes|on|true)$/i.test(value) ? 'true' : /^(n|no|off|false)$/i.test(value) ? 'false' : undefined;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', integer: 'a whole number', null: 'empty', boolean: 'true or false', array: 'a list', object: 'a map of fields', record: 'a map of fields',
};
/** What people call a type of zod or of JSON Schema. */
export const kindNamed = (type: string): string => kinds[type] ?? type;

export function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  return kindNamed(Array.isArray(value) ? 'array' : typeof value);
}

function sizeUnit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function valueAt(value: unknown, steps: Steps): unknown {
  return steps.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return Object.entries(inner).find(([key]) => key === String(step))?.[1];
  }, value);
}

function fieldOf({ shape }: z.ZodObject, step: Steps[number]): z.core.$ZodType | undefined {
  const fields: Readonly<Record<string, z.core.$ZodType>> = shape;
  return fields[step];
}

function schemaAt(schema: z.core.$ZodType, steps: Steps): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = unwrap(schema);
  for (const step of steps) {
    if (at instanceof z.ZodObject) at = fieldOf(at, step);
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    if (at) at = unwrap(at);
  }
  return at;
}

/** The fields that a schema has at a path, to suggest from. */
function keysAt(schema: z.core.$ZodType, steps: Steps): string[] {
  const at = schemaAt(schema, steps);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** ` such as 30s`, where the schema has an example. */
function exampleAt(schema: z.core.$ZodType, steps: Steps): string {
  const at = schemaAt(schema, steps);
  const examples: unknown = at && z.globalRegistry.get(at)?.['examples'];
  return Array.isArray(examples) && examples.length > 0 ? ` such as ${String(examples[0])}` : '';
}

const unwrap = (schema: z.core.$ZodType): z.core.$ZodType => (schema instanceof z.ZodOptional ? schema.unwrap() : schema);
