import { canonicalJson } from '../../canonical-json';
import type { Json, JsonObject } from '../../json';
import type { InputSpec, Plan } from '../plan';

/**
 * The inputs that a rerun is given: those of the old run, with the new ones over them. Of another version, an input that
 * does not exist any more is left out, and one that had its default takes the default of that version.
 */
export function rerunInputs(old: { plan: Plan; inputs: JsonObject }, next: Plan, given: JsonObject): JsonObject {
  const before = new Map(Object.entries(old.plan.inputs ?? {}));
  const after = new Map(Object.entries(next.inputs ?? {}));
  const kept = Object.entries(old.inputs).filter(([name, value]) => after.has(name) && !takesNewDefault(before.get(name), after.get(name), value));
  return { ...Object.fromEntries(kept), ...given };
}

const takesNewDefault = (before: InputSpec | undefined, after: InputSpec | undefined, value: Json): boolean =>
  before?.default !== undefined && after?.default !== undefined
  && !isEqual(before.default, after.default) && isEqual(value, before.default);

const isEqual = (left: Json, right: Json): boolean => canonicalJson(left) === canonicalJson(right);

/** Names of the inputs that differ between two runs, in the order of the alphabet. */
export function changedInputs(left: JsonObject, right: JsonObject): string[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => canonicalOf(left, name) !== canonicalOf(right, name)).sort();
}

const canonicalOf = (inputs: JsonObject, name: string): string | undefined => (Object.hasOwn(inputs, name) ? canonicalJson(inputs[name]) : undefined);
