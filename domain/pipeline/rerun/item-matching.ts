import { canonicalJson } from '../../canonical-json';
import type { Json } from '../../json';

/** Which instance of a new list takes over the result of which instance of the old one. */
export interface ItemMatch {
  instance: number;
  old: number;
}

/**
 * Finds, for each item of a new list, an instance of the old one that has succeeded with an equal item: whatever the
 * order and number of the items, each old one at most once.
 * @param sameNumber only where the number is equal, too: the input of an instance reads its `index`
 */
export function matchItems(items: readonly Json[], oldItems: readonly Json[], succeeded: ReadonlySet<number>, sameNumber = false): ItemMatch[] {
  const keyOf = (item: Json, index: number): string => (sameNumber ? `${index} ` : '') + canonicalJson(item);
  const free = new Map<string, number[]>();
  // From the back, so that `pop` takes the first one.
  for (let old = oldItems.length - 1; old >= 0; old--) {
    if (!succeeded.has(old)) continue;
    const key = keyOf(oldItems[old] ?? null, old);
    const numbers = free.get(key);
    if (numbers) numbers.push(old);
    else free.set(key, [old]);
  }
  return items.flatMap((item, instance) => {
    const old = free.get(keyOf(item, instance))?.pop();
    return old === undefined ? [] : [{ instance, old }];
  });
}
