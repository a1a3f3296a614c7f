import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { findPlan, findRun, type StoredRun } from '../../db/task-scope';
import { AppError } from '../../domain/errors';
import type { Plan, PlanTask } from '../../domain/pipeline/plan';

const maxPlanWeight = 400_000;
const maxRuns = 1_000;

/** Plans and contexts of runs never change, so a worker loads each once. Plans are weighed by their number of tasks. */
export class PlanCache {
  private readonly plans: LRUCache<string, Plan>;
  private readonly runs: LRUCache<string, StoredRun>;

  constructor(pool: Pool) {
    this.plans = new LRUCache<string, Plan>({
      maxSize: maxPlanWeight,
      sizeCalculation: (plan) => plan.tasks.length + 1,
      fetchMethod: async (hash) => (await findPlan(pool, hash)) ?? undefined,
    });
    this.runs = new LRUCache<string, StoredRun>({ max: maxRuns, fetchMethod: async (id) => (await findRun(pool, id)) ?? undefined });
  }

  /** @throws AppError `not_found` */
  async plan(hash: string): Promise<Plan> {
    const plan = await this.plans.fetch(hash);
    if (!plan) throw new AppError('not_found', `There is no plan ${hash}`);
    return plan;
  }

  /** @throws AppError `not_found` when the run's row is gone */
  async run(id: string): Promise<StoredRun> {
    const run = await this.runs.fetch(id);
    if (!run) throw new AppError('not_found', `There is no run ${id}`);
    return run;
  }
}

/** @throws AppError `not_found` */
export function taskAt(plan: Plan, index: number): PlanTask {
  const task = plan.tasks[index];
  if (!task) throw new AppError('not_found', `The plan has no task ${index}`);
  return task;
}
