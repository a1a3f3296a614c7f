import { Optional } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { AppError } from '../../errors';
import type { Json } from '../../json';

/**
 * Turns a CEL value into JSON: whole numbers into integers, timestamps into RFC 3339, durations into `3.5s`.
 * Throws `expression_failed` for what JSON cannot hold.
 */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return finite(value);
    case 'bigint':
      return integer(value);
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      throw notJson(`a ${typeof value}`);
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw notJson(String(value));
}

function integer(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new AppError('expression_failed', `${value} is beyond 2^53`);
}

function objectToJson(value: object): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return timestamp(value);
  if (value instanceof Duration) return value.toString();
  if (value instanceof Optional) throw notJson('a value that may be missing (add orValue)');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw notJson('a type or bytes');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

function timestamp(value: Date): string {
  if (Number.isNaN(value.getTime())) throw notJson('a time outside of years 1 to 9999');
  return value.toISOString();
}

function notJson(what: string): AppError {
  return new AppError('expression_failed', `the result is ${what}, which JSON cannot hold`);
}
