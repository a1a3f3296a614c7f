import type { JsonObject } from '../../domain/json';
import type { ParentRun, RunContext } from '../../domain/pipeline/run';
import { stateOfReused } from '../../domain/pipeline/rerun/reuse-marks';
import { RunState, type RunSnapshot, type Unit } from '../../domain/pipeline/run-state';
import type { RunPlan } from './run-plan';

/** What does not change while a run lasts. */
export interface Run {
  context: RunContext;
  plan: RunPlan;
  inputs: JsonObject;
  /** Whether it holds a slot of its pipeline's `concurrency`. */
  hasSlot: boolean;
  parent?: ParentRun;
  /** Of a rerun: whose results it reuses, and a `reuseMark` for each task. */
  reused?: { from: string; marks: Uint8Array };
}

/** Where a run begins: anew, with what it reuses, or where it was when it continued as new. */
export function stateOf({ plan, reused }: Run, carried?: RunSnapshot): RunState {
  const begun = carried ?? (reused && stateOfReused(reused.marks));
  return begun ? RunState.restore(plan.graph, begun) : new RunState(plan.graph);
}

export const unitKey = ({ task, instance }: Unit): string => `${task} ${instance}`;

/** Length of the JSON text in UTF-16 units: near enough to bytes for budgets, and cheap. */
export const jsonLength = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);
