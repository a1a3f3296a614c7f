import { limits } from '../../domain/limits';
import { dispatchOf, type TaskDispatch } from '../../domain/pipeline/dispatch';
import { statusNames } from '../../domain/pipeline/expressions';
import { encodeGraph, graphChunkBytes } from '../../domain/pipeline/graph-codec';
import { graphOf } from '../../domain/pipeline/run-graph';
import type { RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';
import { taskAt } from './plan-cache';

type LargePlanActivities = Pick<RunActivities, 'summarisePlan' | 'loadGraphChunk' | 'loadDispatches' | 'findTask'>;

/** Gives the workflow of a run those parts of its plan that it needs, when the plan is too large to travel. */
export const largePlanActivities = ({ plans }: ActivityDependencies): LargePlanActivities => ({
  async summarisePlan(planHash) {
    const plan = await plans.plan(planHash);
    const graph = graphOf(plan, statusNames);
    return {
      size: graph.size,
      edges: graph.needs.length,
      failFast: graph.failFast,
      timeoutMs: plan.timeoutMs,
      cleanupTimeoutMs: plan.cleanupTimeoutMs,
      maxParallel: [...graph.maxParallel],
      readsResults: plan.tasks.some((task) => task.reads !== undefined),
      hasOutputs: plan.outputs !== undefined,
      chunks: Math.ceil(encodeGraph(graph).length / graphChunkBytes),
    };
  },
  async loadGraphChunk(planHash, chunk) {
    const bytes = encodeGraph(graphOf(await plans.plan(planHash), statusNames));
    return bytes.slice(chunk * graphChunkBytes, (chunk + 1) * graphChunkBytes);
  },
  async loadDispatches(planHash, tasks) {
    const plan = await plans.plan(planHash);
    const dispatches: TaskDispatch[] = [];
    let bytes = 0;
    for (const index of tasks) {
      const dispatch = dispatchOf(plan, taskAt(plan, index));
      bytes += Buffer.byteLength(JSON.stringify(dispatch));
      if (bytes > limits.messageBytes && dispatches.length > 0) break;
      dispatches.push(dispatch);
    }
    return dispatches;
  },
  async findTask(planHash, id) {
    const index = (await plans.plan(planHash)).tasks.findIndex((task) => task.id === id);
    return index < 0 ? null : index;
  },
});
