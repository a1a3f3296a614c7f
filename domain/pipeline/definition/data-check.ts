import { deepest, refusedKeys } from './document';
import type { FaultList, Path } from './place';

/**
 * Refuses what no JSON column, template or object could hold faithfully: NUL, halves of surrogate pairs, keys such as
 * `__proto__`, numbers that are not finite, and nesting without end. Returns whether the value may be walked recursively.
 */
export function checkData(value: unknown, faults: FaultList, path: Path = []): boolean {
  if (typeof value === 'string') return checkText(value, faults, path, false);
  if (typeof value === 'number' && !Number.isFinite(value)) faults.add({ path }, 'document.number', `${value} is not a number that JSON has`);
  if (typeof value !== 'object' || value === null) return true;
  if (path.length >= deepest) {
    faults.add({ path }, 'document.too_deep', `is nested more than ${deepest} levels deep`);
    return false;
  }
  if (Array.isArray(value)) return value.map((item, index) => checkData(item, faults, [...path, index])).every(Boolean);
  return Object.entries(value)
    .map(([key, item]) => {
      const at = [...path, key];
      checkKey(key, faults, at);
      return checkData(item, faults, at);
    })
    .every(Boolean);
}

function checkKey(key: string, faults: FaultList, path: Path): void {
  if (refusedKeys.has(key)) faults.add({ path, key: true }, 'document.key', `the key ${key} is refused`);
  checkText(key, faults, path, true);
}

function checkText(text: string, faults: FaultList, path: Path, key: boolean): boolean {
  if (text.includes('\0')) faults.add({ path, key }, 'document.nul', 'holds a NUL character');
  else if (/\p{Surrogate}/u.test(text)) faults.add({ path, key }, 'document.surrogate', 'holds half of a surrogate pair');
  return true;
}
