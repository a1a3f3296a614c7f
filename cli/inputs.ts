import { errorMessage } from '../domain/errors';
import type { Json, JsonObject } from '../domain/json';
import { Nearest } from '../domain/pipeline/definition/nearest';
import { pointerOf } from '../domain/pipeline/definition/place';
import type { Fault } from '../domain/pipeline/fault';
import type { InputSpec, InputType } from '../domain/pipeline/plan';
import { isJsonObject, parseJson } from './json-text';
import { parseValue } from './object-file';
import { faultsError } from './problem';

export type ReadFile = (path: string) => string;
export type InputSpecs = Readonly<Record<string, InputSpec>>;

type Read = { value: Json } | { fault: string };

/**
 * Makes the inputs of a run from `--input` assignments, typed by the pipeline's own words:
 * `k=text`, `k=@file` (the content of a file) and `k:=json` (any JSON, whatever the type).
 * @param specs undefined when they are not known: then a value is the text it is
 * @throws AppError `inputs.invalid` with everything that is wrong
 */
export function parseInputs(assignments: readonly string[], specs: InputSpecs | undefined, readFile: ReadFile): JsonObject {
  const inputs: JsonObject = {};
  const faults: Fault[] = [];
  for (const assignment of assignments) {
    const parts = /^([^=:]+)(:?=)([\s\S]*)$/.exec(assignment);
    const [, name = '', operator, text = ''] = parts ?? [];
    if (!parts) {
      faults.push(inputFault([], 'input.assignment', `"${assignment}" is no assignment`, 'write name=value, name=@file or name:=json'));
    } else if (specs && !Object.hasOwn(specs, name)) {
      faults.push(inputFault([name], 'input.unknown', `there is no input ${name}`, nearest(name, Object.keys(specs))));
    } else {
      const read = readValue(operator === ':=', text, specs?.[name]?.type, readFile);
      if ('fault' in read) faults.push(inputFault([name], 'input.value', read.fault));
      else Object.defineProperty(inputs, name, { value: read.value, enumerable: true, configurable: true, writable: true });
    }
  }
  if (faults.length > 0) throw faultsError('inputs.invalid', `${faults.length} input(s) cannot be used`, faults);
  return inputs;
}

/**
 * Reads `--inputs-file`: one object, in JSON or YAML.
 * @throws AppError `inputs.invalid`, `request.invalid`
 */
export function parseInputsFile(path: string, readFile: ReadFile): JsonObject {
  const value = parseValue(readFile(path), path);
  if (!isJsonObject(value)) throw faultsError('inputs.invalid', `${path} must hold one object: a value for each input`, []);
  return value;
}

function readValue(isJson: boolean, text: string, type: InputType | undefined, readFile: ReadFile): Read {
  if (isJson) return attempt(() => parseJson(text), `${text} is no JSON`);
  if (!text.startsWith('@')) return typed(text, type);
  const content = attempt(() => readFile(text.slice(1)));
  return 'value' in content && typeof content.value === 'string' ? typed(content.value, type) : content;
}

function typed(text: string, type: InputType | undefined): Read {
  switch (type) {
    case undefined:
    case 'string':
      return { value: text };
    case 'integer':
    case 'number':
      return typedNumber(text.trim(), type);
    case 'boolean':
      return text.trim() === 'true' ? { value: true } : text.trim() === 'false' ? { value: false } : { fault: `expected true or false, not "${text}"` };
    case 'array':
    case 'object':
      return attempt(() => parseJson(text), `expected JSON of an ${type}, not "${text}"`);
  }
}

/** Refuses what `Number` would let pass: nothing at all, `0x10`, `Infinity`, and integers that lose digits. */
function typedNumber(text: string, type: 'integer' | 'number'): Read {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) return { fault: `expected a number, not "${text}"` };
  if (type === 'integer' && !Number.isSafeInteger(value)) return { fault: `expected a whole number up to 2^53, not "${text}"` };
  return { value };
}

function attempt(read: () => Json, complaint?: string): Read {
  try {
    return { value: read() };
  } catch (error) {
    return { fault: complaint === undefined ? errorMessage(error) : `${complaint}: ${errorMessage(error)}` };
  }
}

/** Codes and paths are those of the API for the same faults. */
const inputFault = (path: string[], code: string, message: string, suggestion?: string): Fault =>
  ({ code, message, path: pointerOf(path), ...(suggestion !== undefined && { suggestion }) });

/** The known name that is close enough to be meant; all names when none is. */
function nearest(name: string, known: string[]): string {
  if (known.length === 0) return 'it takes no inputs';
  const candidate = new Nearest().to(name, known);
  return candidate === undefined ? `it takes ${known.join(', ')}` : `did you mean "${candidate}"?`;
}
