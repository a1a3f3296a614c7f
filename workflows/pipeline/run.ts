import type { JsonObject } from '../../domain/json';
import type { ParentRun, RunContext } from '../../domain/pipeline/run';
import type { Unit } from '../../domain/pipeline/run-state';
import type { RunPlan } from './run-plan';

/** What does not change while a run lasts. */
export interface Run {
  context: RunContext;
  plan: RunPlan;
  inputs: JsonObject;
  /** Whether it holds a slot of its pipeline's `concurrency`. */
  hasSlot: boolean;
  parent?: ParentRun;
}

export const unitKey = ({ task, instance }: Unit): string => `${task} ${instance}`;

/** Length of the JSON text in UTF-16 units: near enough to bytes for budgets, and cheap. */
export const jsonLength = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);
