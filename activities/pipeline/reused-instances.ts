import { copyInstances, findReusableItems } from '../../db/rerun';
import type { Json } from '../../domain/json';
import { referencesOf } from '../../domain/pipeline/expressions';
import type { PlanTask } from '../../domain/pipeline/plan';
import { matchItems } from '../../domain/pipeline/rerun/item-matching';
import type { Pool } from '../../platform/postgres';

/**
 * Gives instances of a `forEach` the results that another run has for equal items. Done again, it comes to the same.
 * @returns the numbers of these instances, ascending
 */
export async function reuseInstances(pool: Pool, { from, to }: { from: string; to: string }, task: PlanTask, items: Json[]): Promise<number[]> {
  const { items: before, reusable } = await findReusableItems(pool, from, task.id);
  const readsNumber = task.with !== undefined && referencesOf(task.with).locals.includes('index');
  const matches = matchItems(items, before, new Set(reusable), readsNumber);
  if (matches.length > 0) await copyInstances(pool, from, to, task.id, matches);
  return matches.map(({ instance }) => instance);
}
