import type { CatalogueEntry } from '../catalogue';
import { hasExpression } from '../expressions';
import { isJsonObject } from './json-value';
import type { FaultList, Path } from './place';
import { nameOf, propertiesOf } from './with-words';

/**
 * Program texts take no expressions: a value in a query's text would be an injection. Neither does a list or map that
 * holds one, since its expression would make the text.
 */
export function checkLiterals(entry: CatalogueEntry, input: unknown, path: Path, faults: FaultList): void {
  const hint = propertiesOf(entry.inputSchema).includes('params') ? ': values go in through params' : '';
  for (const literal of entry.literal ?? []) {
    for (const { at, below } of expressionsAt(input, literal.split('.'), [])) {
      const what = below === '' ? `is a program text and takes no expressions${hint}` : `holds a program text, ${below}, and so cannot be an expression itself`;
      faults.add({ path: [...path, ...at] }, 'with.literal', `${nameOf(at)} ${what}`);
    }
  }
}

interface Finding {
  at: Path;
  /** What is left of the way to the program text. */
  below: string;
}

/** Follows the names into maps, and into every item of lists on the way. */
function expressionsAt(value: unknown, names: readonly string[], at: Path): Finding[] {
  const [name, ...rest] = names;
  if (name === undefined) return hasExpression(value) ? [{ at, below: '' }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => expressionsAt(item, names, [...at, index]));
  if (isJsonObject(value)) return Object.hasOwn(value, name) ? expressionsAt(value[name], rest, [...at, name]) : [];
  return hasExpression(value) ? [{ at, below: names.join('.') }] : [];
}
