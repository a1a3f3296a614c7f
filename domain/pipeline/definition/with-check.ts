import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { CatalogueEntry } from '../catalogue';
import { hasExpression } from '../expressions';
import { mayHoldExpression } from '../expressions/text';
import type { Nearest } from './nearest';
import { FaultList, type Path } from './place';
import { checkLiterals } from './with-literals';
import { fieldsOfNot, fieldsOfUnion, stepsOf, tagOf, wordsOf } from './with-words';

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
  validate(input);
  const errors = (validate.errors ?? []).slice(0, FaultList.most);
  const conditions = errors.filter(({ keyword }) => keyword === 'if');
  const seen = new Set<string>();
  for (const error of relevant(withoutEchoes(errors), nearest)) {
    if (dependsOnExpression(error)) continue;
    const fault = wordsOf(error, conditions, nearest);
    const place = [...path, ...stepsOf(error.instancePath), ...fault.below];
    const key = `${place.join('/')} ${fault.message}`;
    if (!seen.has(key)) faults.add({ path: place, key: fault.code === 'with.unknown' || error.propertyName !== undefined }, fault.code, fault.message, fault.suggestion);
    seen.add(key);
  }
}

/** Without those that only repeat others: `if` those of its `then`, `propertyNames` those of each name, and a pattern the format that it spells out. */
function withoutEchoes(errors: readonly ErrorObject[]): ErrorObject[] {
  const formats = new Set(errors.flatMap(({ keyword, instancePath }) => (keyword === 'format' ? [instancePath] : [])));
  return errors.filter(({ keyword, instancePath }) => keyword !== 'if' && keyword !== 'propertyNames' && !(keyword === 'pattern' && formats.has(instancePath)));
}

function compile(entry: CatalogueEntry): ValidateFunction {
  const { $schema: _dialect, $id: _id, ...schema } = entry.inputSchema;
  const validate = ajv.compile(schema);
  validators.set(entry, validate);
  return validate;
}

/** Keywords that judge a value as a whole, and so depend on every expression inside of it. */
const whole: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'not', 'const', 'enum', 'contains', 'uniqueItems']);

function dependsOnExpression(error: ErrorObject): boolean {
  if (typeof error.data === 'string') return mayHoldExpression(error.data);
  return whole.has(error.keyword) && !fieldsOfUnion(error) && !fieldsOfNot(error) && hasExpression(error.data);
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
  if (fieldsOfUnion(union)) return [union];
  const alternatives = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const alternative = error.schemaPath.slice(union.schemaPath.length + 1).split('/', 1).join();
    alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
  }
  const tag = tagOf(union);
  if (tag) return tag.chosen < 0 ? [union] : relevant(alternatives.get(String(tag.chosen)) ?? [], nearest);
  const distance = (errors: ErrorObject[]): number => errors.reduce((sum, error) => sum + weightOf(error, nearest), 0);
  const ranked = [...alternatives.values()].sort((a, b) => distance(a) - distance(b));
  const [best = [], second] = ranked;
  if (distance(best) >= 100 || (second && distance(second) === distance(best))) return [union];
  return relevant(best, nearest);
}

/** A wrong type or constant tells of another alternative, a misspelt field of this one. */
function weightOf(error: ErrorObject, nearest: Nearest): number {
  if (error.keyword === 'type' || error.keyword === 'const') return 100;
  return wordsOf(error, [], nearest).suggestion === undefined ? 1 : 0.5;
}
