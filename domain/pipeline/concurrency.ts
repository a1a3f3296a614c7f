import { AppError } from '../errors';
import type { JsonObject } from '../json';
import { evaluateTemplate } from './expressions';
import type { Plan } from './plan';
import type { RunContext } from './run';

const longestKeyBytes = 1_024;

export interface Concurrency {
  key: string;
  limit: number;
  whenFull: 'queue' | 'reject';
}

/**
 * The door at which a run of this plan waits, or undefined when the pipeline does not limit its runs.
 * @throws AppError `expression_failed`, `inputs.invalid`
 */
export function concurrencyOf(plan: Plan, inputs: JsonObject, run: Omit<RunContext, 'pipeline' | 'version' | 'startedAt'>): Concurrency | undefined {
  if (!plan.concurrency) return undefined;
  const value = evaluateTemplate(plan.concurrency.key, { inputs, run });
  const key = typeof value === 'string' ? value : JSON.stringify(value);
  if (key.length > longestKeyBytes) {
    throw new AppError('inputs.invalid', `The concurrency key of this run is longer than ${longestKeyBytes} characters`);
  }
  return { ...plan.concurrency, key };
}
