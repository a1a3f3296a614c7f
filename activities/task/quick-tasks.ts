import { Context } from '@temporalio/activity';
import { dispatchOf } from '../../domain/pipeline/dispatch';
import type { Plan } from '../../domain/pipeline/plan';
import { retryDelayMs } from '../../domain/pipeline/retry';
import type { QuickEnd, QuickTasksInput, QuickUnit, RunActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';
import { taskAt } from '../pipeline/plan-cache';
import type { CallableProcessors } from '../processor';
import { Attempt, type AttemptEnd } from './attempt';
import { Deadlines } from './deadlines';
import { missingProcessor } from './missing-processor';
import type { RetryDelay } from './next-attempt';
import { observed } from './observation';
import { whilePostgresIsAway } from './patience';
import { errorInfo } from './task-failure';

/**
 * Carries out many quick tasks in one activity. Each is an attempt of its own, with its own time-out, log and retries;
 * only the way through Temporal is shared, which costs far more than the tasks.
 */
export const quickTasksActivity = (processors: CallableProcessors, dependencies: ActivityDependencies): Pick<RunActivities, 'runQuickTasks'> => ({
  runQuickTasks: async (input) => {
    const { cancellationSignal } = Context.current();
    const plan = await whilePostgresIsAway(cancellationSignal, () => dependencies.plans.plan(input.planHash));
    const deadlines = new Deadlines(cancellationSignal);
    const run = (unit: QuickUnit): Promise<QuickEnd> => runQuickTask(unit, input, plan, { processors, dependencies, deadlines });
    return Promise.all(input.units.map(run)).finally(() => deadlines.close());
  },
});

interface Surroundings {
  processors: CallableProcessors;
  dependencies: ActivityDependencies;
  deadlines: Deadlines;
}

async function runQuickTask(
  [index, instance, generation, number]: QuickUnit, { runId, planHash, startedAt, elapsedMs }: QuickTasksInput, plan: Plan,
  { processors, dependencies, deadlines }: Surroundings,
): Promise<QuickEnd> {
  const task = taskAt(plan, index);
  const { retry, timeoutMs, totalTimeoutMs } = dispatchOf(plan, task);
  const processor = processors.get(task.uses);
  const input = { unit: { id: task.id, instance, generation }, stored: { runId, planHash, index, startedAt } };
  const retryDelay: RetryDelay = (error) => retryDelayMs(retry, number, error, totalTimeoutMs === undefined ? undefined : totalTimeoutMs - elapsedMs);
  const end = processor
    ? await observed({ processor: processor.name, number, input }, dependencies, () =>
      deadlines.within(timeoutMs, (signal) => new Attempt(processor, dependencies, input, { number, signal, retryDelay }).run()))
    : missingEnd(task.uses, dependencies);
  return quickEnd(end, retryDelay);
}

function missingEnd(name: string, { secrets }: ActivityDependencies): AttemptEnd {
  const now = new Date().toISOString();
  return { outcome: 'failed', error: errorInfo(missingProcessor(name), secrets.mask), startedAt: now, finishedAt: now };
}

function quickEnd(end: AttemptEnd, retryDelay: RetryDelay): QuickEnd {
  switch (end.outcome) {
    case 'cancelled': return end;
    case 'succeeded': return { outcome: 'succeeded', startedAt: end.result.startedAt, finishedAt: end.result.finishedAt };
    case 'failed': {
      const retryMs = retryDelay(end.error);
      return { ...end, ...(retryMs !== null && { retryMs }) };
    }
  }
}
