import { RE2JS } from 're2js';
import type { Json, JsonObject } from '../json';
import { limits } from '../limits';
import { Nearest } from './definition/nearest';
import { pointerOf } from './definition/place';
import type { Fault } from './fault';
import type { InputSpec, InputType, Plan } from './plan';

/**
 * Completes the inputs of a run with their defaults and checks them. What is not given and has no default stays out:
 * expressions read it by `.?`. Paths of faults are pointers into the given inputs.
 */
export function resolveInputs(specs: Plan['inputs'], given: JsonObject): { inputs: JsonObject; faults: Fault[] } {
  const known = new Map(Object.entries(specs ?? {}));
  const faults: Fault[] = [];
  const inputs = new Map<string, Json>();
  for (const name of Object.keys(given)) if (!known.has(name)) faults.push(unknownInput(name, known.keys()));
  for (const [name, spec] of known) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default;
    if (value === undefined) {
      if (spec.required) faults.push({ code: 'input.missing', message: `the input ${name} is required`, path: pointerOf([name]) });
      continue;
    }
    const problem = valueProblem(spec, value);
    if (problem) faults.push({ code: 'input.value', message: `the input ${name} ${problem}`, path: pointerOf([name]) });
    inputs.set(name, value);
  }
  const resolved = Object.fromEntries(inputs);
  const bytes = Buffer.byteLength(JSON.stringify(resolved));
  if (bytes > limits.runInputsBytes) {
    faults.push({ code: 'input.too_large', message: `the inputs have ${bytes} bytes, at most ${limits.runInputsBytes} are accepted`, path: '' });
  }
  return { inputs: resolved, faults };
}

function unknownInput(name: string, known: Iterable<string>): Fault {
  const suggestion = new Nearest().to(name, known);
  return { code: 'input.unknown', message: `there is no input ${name}`, path: pointerOf([name]), ...(suggestion === undefined ? {} : { suggestion }) };
}

/** Why a value does not keep the rules of an input, to follow its name; null when it does. The pattern must be valid. */
export function valueProblem(spec: InputSpec, value: Json): string | null {
  if (!hasType(spec.type, value)) return `must be ${typeText[spec.type]}`;
  if (spec.enum && !spec.enum.some((allowed) => equal(allowed, value))) return `must be one of ${spec.enum.map((allowed) => JSON.stringify(allowed)).join(', ')}`;
  if (typeof value === 'number') return numberProblem(spec, value);
  if (typeof value === 'string') return textProblem(spec, value);
  return Array.isArray(value) ? listProblem(spec, value) : null;
}

function numberProblem(spec: InputSpec, value: number): string | null {
  if (spec.minimum !== undefined && value < spec.minimum) return `must be at least ${spec.minimum}`;
  if (spec.maximum !== undefined && value > spec.maximum) return `must be at most ${spec.maximum}`;
  return null;
}

/** RE2 is linear: a pattern of the definition must not hold the API with an input made for it. */
function textProblem(spec: InputSpec, value: string): string | null {
  if (value.includes('\0')) return 'holds a NUL character';
  if (spec.maxLength !== undefined && value.length > spec.maxLength && [...value].length > spec.maxLength) return `has more than ${spec.maxLength} characters`;
  if (spec.pattern !== undefined && !RE2JS.compile(spec.pattern).matcher(value).find()) return `does not match ${spec.pattern}`;
  return null;
}

function listProblem(spec: InputSpec, value: Json[]): string | null {
  if (spec.maxLength !== undefined && value.length > spec.maxLength) return `has more than ${spec.maxLength} items`;
  const { items } = spec;
  const wrong = items ? value.findIndex((item) => !hasType(items.type, item)) : -1;
  return items && wrong !== -1 ? `must hold only ${typeText[items.type].replace(/^an? /, '')} items, item ${wrong} is not` : null;
}

const typeText: Readonly<Record<InputType, string>> = {
  string: 'a string', integer: 'an integer', number: 'a number', boolean: 'a boolean', array: 'an array', object: 'an object',
};

function hasType(type: InputType, value: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

function equal(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return Array.isArray(a) === Array.isArray(b) && left.length === right.size && left.every(([key, item]) => {
    const other = right.get(key);
    return other !== undefined && equal(item, other);
  });
}
