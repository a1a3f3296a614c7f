import type { Situation } from '../../domain/pipeline/explain-facts';
import { isFinalRun } from '../../domain/pipeline/status';
import { listTurns, type Turn } from '../../db/explain-queries';
import type { Dependencies } from '../dependencies';
import { RunEngine } from './explain-engine';
import { PlanTasks } from './plan-tasks';

/** What one explanation is made from: the run with its plan, the turns that it took, and Temporal. */
export interface Scene {
  deps: Dependencies;
  tasks: PlanTasks;
  engine: RunEngine;
  turns: Turns;
}

/** @throws AppError `not_found` when there is no such run */
export async function sceneOf(deps: Dependencies, runId: string, task: string | null): Promise<Scene> {
  const tasks = await PlanTasks.of(deps, runId);
  return { deps, tasks, engine: new RunEngine(deps), turns: new Turns(await listTurns(deps.pool, runId, task)) };
}

/** Whether the run is still open; its status alone says so. */
export const isOpen = ({ tasks: { run } }: Scene): boolean => !isFinalRun(run.status);

/** The pause of the run that our own door knows of. */
export const pauseOf = ({ turns: { pause } }: Scene): Situation =>
  ({ kind: 'paused', since: pause?.at.toISOString() ?? null, by: pause?.data.by ?? null, in: 'datamcp' });

/** Who asked a run to pause or to end, and when. */
export class Turns {
  /** @param turns the newest first */
  constructor(private readonly turns: readonly Turn[]) {}

  /** The pause that holds now. */
  get pause(): Turn | undefined {
    const last = this.turns.find(({ type }) => type === 'run.paused' || type === 'run.resumed');
    return last?.type === 'run.paused' ? last : undefined;
  }

  /** Why the run was told to end: the first word counts. */
  get stop(): Turn | undefined {
    return this.turns.findLast(({ type }) => type === 'run.cancelling' || type === 'run.stopping');
  }

  /** That the task alone was told to end, in this generation. */
  cancelOf(generation: number): Turn | undefined {
    return this.turns.findLast(({ type, data }) => type === 'task.cancelling' && (data.generation ?? 0) === generation);
  }
}
