import { projectEnd, projectFacts } from '../../db/projection';
import type { RunFacts } from '../../domain/pipeline/facts';
import type { RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';

/** Writes what the run's workflow tells to the read model. */
export const readModelActivities = ({ pool, plans }: ActivityDependencies): Pick<RunActivities, 'projectRun' | 'endRun'> => {
  /** The workflow of a large run knows its tasks by index. */
  const named = async (planHash: string, facts: RunFacts): Promise<RunFacts> => {
    if (!facts.tasks.some(({ task }) => typeof task === 'number')) return facts;
    const { tasks } = await plans.plan(planHash);
    const nameOf = (task: string | number): string => (typeof task === 'number' ? (tasks[task]?.id ?? String(task)) : task);
    return { ...facts, tasks: facts.tasks.map((fact) => ({ ...fact, task: nameOf(fact.task) })) };
  };
  return {
    projectRun: async (planHash, facts) => projectFacts(pool, await named(planHash, facts)),
    endRun: async (planHash, facts, hasSlot) => projectEnd(pool, await named(planHash, facts), hasSlot),
  };
};
