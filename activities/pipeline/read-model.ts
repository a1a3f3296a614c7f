import { projectEnd, projectFacts } from '../../db/projection';
import type { RunFacts } from '../../domain/pipeline/facts';
import { isFinalTask } from '../../domain/pipeline/status';
import { withLogFields } from '../../platform/log-fields';
import { traceRun } from '../../platform/tracing';
import type { WorkerMetrics } from '../../platform/worker-metrics';
import type { RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';

/** Writes what the run's workflow tells to the read model. */
export const readModelActivities = ({ pool, plans, metrics, logger }: ActivityDependencies): Pick<RunActivities, 'projectRun' | 'endRun'> => {
  /** The workflow of a large run knows its tasks by index. */
  const named = async (planHash: string, facts: RunFacts): Promise<RunFacts> => {
    if (!facts.tasks.some(({ task }) => typeof task === 'number')) return facts;
    const { tasks } = await plans.plan(planHash);
    const nameOf = (task: string | number): string => (typeof task === 'number' ? (tasks[task]?.id ?? String(task)) : task);
    return { ...facts, tasks: facts.tasks.map((fact) => ({ ...fact, task: nameOf(fact.task) })) };
  };
  return {
    projectRun: (planHash, facts) => withLogFields({ runId: facts.runId }, async () => {
      await projectFacts(pool, await named(planHash, facts));
      measure(facts, metrics);
    }),
    endRun: (planHash, facts, hasSlot) => withLogFields({ runId: facts.runId }, async () => {
      await projectEnd(pool, await named(planHash, facts), hasSlot);
      measure(facts, metrics);
      tellEnd(facts, { metrics, logger });
    }),
  };
};

function measure({ tasks, events }: RunFacts, metrics: WorkerMetrics): void {
  metrics.countBatch('facts', tasks.length + events.length);
  for (const { status, instance } of tasks) if (instance === undefined && isFinalTask(status)) metrics.countTask(status);
  const [oldest] = [...tasks, ...events].map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  if (oldest !== undefined) metrics.observeLag((Date.now() - oldest) / 1_000);
}

function tellEnd({ runId, status, startedAt, finishedAt, error }: RunFacts, { metrics, logger }: Pick<ActivityDependencies, 'metrics' | 'logger'>): void {
  const ended = new Date(finishedAt ?? Date.now());
  metrics.countRun(status);
  traceRun({ runId, status, startedAt: new Date(startedAt), finishedAt: ended });
  logger.info('a run ended', { status, ms: ended.getTime() - Date.parse(startedAt), ...(error && { code: error.code }) });
}
