import { Optional } from '@marcbachmann/cel-js';

const known = new WeakMap<object, number>();

/**
 * About how many bytes a value takes as JSON when its shared parts are written out. Remembered by object,
 * because a value that holds itself twice at each of 30 levels would otherwise take 2^30 visits to measure.
 */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  const seen = known.get(value);
  if (seen !== undefined) return seen;
  const weight = measure(value);
  known.set(value, weight);
  return weight;
}

function measure(value: object): number {
  let weight = 8;
  if (Array.isArray(value)) {
    for (const item of value) weight += weightOf(item);
  } else if (value instanceof Optional) {
    weight += value.hasValue() ? weightOf(value.value()) : 0;
  } else {
    for (const [key, item] of Object.entries(value)) weight += key.length + weightOf(item);
  }
  return weight;
}
