import { createHash } from 'node:crypto';
import type { Plan } from '../../domain/pipeline/plan';
import type { StoredPlan } from '../../db/pipelines';

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/**
 * A plan as it is stored: its canonical JSON (keys in order of their code units, no blanks) and the sha256 of that.
 * Two documents that mean the same have the same hash, however they are written.
 */
export function storedPlan(plan: Plan): StoredPlan {
  const body = JSON.stringify(plan, sortKeys);
  return { hash: createHash('sha256').update(body).digest('hex'), body, tasks: plan.tasks.length };
}
