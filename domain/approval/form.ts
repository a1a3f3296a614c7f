import { utf8Bytes } from '../bytes';
import type { Json, JsonObject } from '../json';
import type { Fault } from '../pipeline/fault';
import type { Form, FormField } from './form-schema';

/** The most bytes of a form, and of its values, as JSON: both travel in the history of a workflow. */
export const formBytes = 16 * 1024;

/** Everything that is wrong with the values of a form. It is workflow code: a signal is checked by the workflow itself. */
export function formFaults(form: Form, values: JsonObject): Fault[] {
  if (utf8Bytes(JSON.stringify(values)) > formBytes) return [{ code: 'field.value', message: `the form has more than ${formBytes} bytes`, path: '' }];
  const missing = (form.required ?? []).filter((name) => !Object.hasOwn(values, name));
  return [
    ...missing.map((name) => ({ code: 'field.missing', message: `the field ${name} is required`, path: `/${name}` })),
    ...Object.entries(values).flatMap(([name, value]) => valueFaults(form, name, value)),
  ];
}

function valueFaults({ properties }: Form, name: string, value: Json): Fault[] {
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!field) return [{ code: 'field.unknown', message: `unknown field ${name}`, path: `/${pointerStep(name)}` }];
  const problem = fieldProblem(field, value);
  return problem === null ? [] : [{ code: 'field.value', message: `${name} ${problem}`, path: `/${name}` }];
}

const pointerStep = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function fieldProblem(field: FormField, value: Json): string | null {
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'string':
      return typeof value === 'string' ? textProblem(field, value) : 'must be a text';
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? rangeProblem(field, value) : 'must be a whole number';
    case 'number':
      return typeof value === 'number' ? rangeProblem(field, value) : 'must be a number';
  }
}

function textProblem(field: Extract<FormField, { type: 'string' }>, value: string): string | null {
  const length = [...value].length;
  if (field.enum && !field.enum.includes(value)) return `must be one of ${field.enum.join(', ')}`;
  if (length < (field.minLength ?? 0)) return `must be at least ${field.minLength} characters`;
  const most = field.maxLength;
  return most !== undefined && length > most ? `must be at most ${most} characters` : null;
}

function rangeProblem({ minimum, maximum }: { minimum?: number | undefined; maximum?: number | undefined }, value: number): string | null {
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`;
  return maximum !== undefined && value > maximum ? `must be at most ${maximum}` : null;
}
