import { LRUCache } from 'lru-cache';
import { AppError } from '../../domain/errors';
import type { Plan } from '../../domain/pipeline/plan';
import { loadPlan } from '../../db/pipelines';
import type { Queryable } from '../../platform/postgres';

export interface LoadedPlan {
  plan: Plan;
  /** Of its JSON. */
  bytes: number;
}

const keptBytes = 64 * 1024 * 1024;

/** Plans by hash. They never change, so the ones used last are kept in memory, up to 64 MiB of their JSON. */
export class PlanCache {
  private readonly plans = new LRUCache<string, LoadedPlan>({
    maxSize: keptBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes),
  });

  /** The plan with this hash. @param db where to look, when it is not kept: the caller's transaction, say */
  async get(db: Queryable, hash: string): Promise<LoadedPlan> {
    const kept = this.plans.get(hash);
    if (kept) return kept;
    const loaded = await loadPlan(db, hash);
    if (!loaded) throw new AppError('internal', `The plan ${hash} is not stored`);
    this.plans.set(hash, loaded);
    return loaded;
  }
}
