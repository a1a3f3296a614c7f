import { RE2JS } from 're2js';
import type { Json, JsonObject } from '../../json';
import { limits } from '../../limits';
import { valueProblem } from '../inputs';
import type { InputSpec } from '../plan';
import type { FaultList, Path } from './place';

/** Which rules an input of each type may have, beside `required`, `default`, `enum` and `description`. */
const rules: Readonly<Record<InputSpec['type'], readonly (keyof InputSpec)[]>> = {
  string: ['pattern', 'maxLength'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
  boolean: [],
  array: ['maxLength', 'items'],
  object: [],
};
const allRules = ['pattern', 'maxLength', 'minimum', 'maximum', 'items'] as const;

/**
 * Checks that the rules of an input make sense, and that its default and the values of its enum keep them.
 * Returns what values can be checked against: the input without a pattern that is none.
 */
export function checkInput(spec: InputSpec, path: Path, faults: FaultList): InputSpec {
  for (const rule of allRules) {
    if (spec[rule] !== undefined && !rules[spec.type].includes(rule)) faults.add({ path: [...path, rule], key: true }, 'input.rule', `${rule} is no rule for ${spec.type} inputs`);
  }
  const { minimum, maximum } = spec;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) faults.add({ path: [...path, 'minimum'] }, 'input.rule', 'minimum is above maximum');
  const patternProblem = spec.pattern === undefined ? null : problemOfPattern(spec.pattern);
  if (patternProblem) faults.add({ path: [...path, 'pattern'] }, 'input.pattern', `pattern ${patternProblem}`);
  const { pattern, ...others } = spec;
  const usable = patternProblem || pattern === undefined ? others : spec;
  const { enum: allowed, ...withoutEnum } = usable;
  allowed?.forEach((value, index) => checkValue(withoutEnum, value, [...path, 'enum', index], 'the value', faults));
  if (usable.default !== undefined) checkValue(usable, usable.default, [...path, 'default'], 'the default', faults);
  return usable;
}

/** Checks that the values that a run would be given, by the defaults or by a trigger, are not more than a run takes. */
export function checkInputSize(values: JsonObject, path: Path, name: string, faults: FaultList): void {
  const bytes = Buffer.byteLength(JSON.stringify(values));
  if (bytes > limits.runInputsBytes) faults.add({ path }, 'input.too_large', `${name} have ${bytes} bytes together, at most ${limits.runInputsBytes} are accepted`);
}

/** Checks a value that the document gives for an input. */
export function checkValue(spec: InputSpec, value: Json, path: Path, name: string, faults: FaultList): void {
  const problem = valueProblem(spec, value);
  if (problem) faults.add({ path }, 'input.value', `${name} ${problem}`);
}

/** RE2 does not backtrack, but a repetition costs as much as it is written out: `(.?){1000}` takes seconds for 64 KiB. */
function problemOfPattern(pattern: string): string | null {
  try {
    const size = RE2JS.compile(pattern).programSize();
    return size <= limits.patternInstructions ? null : 'repeats too much: with its repetitions written out it is too long. For the length of a text there is maxLength';
  } catch {
    return 'is not a regular expression of RE2 (which has no look-around and no back-references)';
  }
}
