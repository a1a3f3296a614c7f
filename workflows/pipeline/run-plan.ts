import { proxyActivities } from '@temporalio/workflow';
import type { PlanSummary, RunActivities } from '../../activities/contract';
import { statusNames } from '../../domain/pipeline/expressions';
import { GraphReader } from '../../domain/pipeline/graph-codec';
import type { Plan } from '../../domain/pipeline/plan';
import { graphOf, type RunGraph } from '../../domain/pipeline/run-graph';

/** A plan as its run's workflow holds it: whole when it is small, only its graph when it is large. */
export interface RunPlan {
  hash: string;
  graph: RunGraph;
  timeoutMs: number;
  cleanupTimeoutMs: number;
  hasOutputs: boolean;
  /** Whether any task reads results of others. */
  readsResults: boolean;
  /** Null when the plan is too large to be held. */
  inline: Plan | null;
}

const { summarisePlan, loadGraphChunk } = proxyActivities<RunActivities>({ startToCloseTimeout: '1 minute' });

export const inlinePlan = (plan: Plan, hash: string): RunPlan => ({
  hash,
  graph: graphOf(plan, statusNames),
  timeoutMs: plan.timeoutMs,
  cleanupTimeoutMs: plan.cleanupTimeoutMs,
  hasOutputs: plan.outputs !== undefined,
  readsResults: plan.tasks.some((task) => task.reads !== undefined),
  inline: plan,
});

/** Loads the graph of a large plan, in chunks because one payload holds 2 MB. */
export async function storedPlan(hash: string): Promise<RunPlan> {
  const summary: PlanSummary = await summarisePlan(hash);
  const reader = new GraphReader(summary);
  for (let chunk = 0; chunk < summary.chunks; chunk++) reader.add(await loadGraphChunk(hash, chunk));
  const { timeoutMs, cleanupTimeoutMs, hasOutputs, readsResults } = summary;
  return { hash, graph: reader.graph(), timeoutMs, cleanupTimeoutMs, hasOutputs, readsResults, inline: null };
}
