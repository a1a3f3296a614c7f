import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { AppError } from '../domain/errors';
import { identifyActorActivity } from './approval/identify-actor';
import { openApprovalActivity } from './approval/open-approval';
import { recordApprovalActivity } from './approval/record-approval';
import type { ApprovalActivities, RunActivities } from './contract';
import type { ActivityDependencies } from './dependencies';
import { largePlanActivities } from './pipeline/large-plan';
import { openRunActivity } from './pipeline/open-run';
import { readModelActivities } from './pipeline/read-model';
import { storedExpressionActivities } from './pipeline/stored-expressions';
import type { CallableProcessors, Processor, WorkflowStep } from './processor';
import { missingProcessor } from './task/missing-processor';
import { quickTasksActivity } from './task/quick-tasks';
import { taskActivity } from './task/task-activity';

type Activity = (...parameters: never[]) => Promise<unknown>;

/** Every activity of a worker by its name: those of the run itself, and one for each processor. */
export function createActivities(dependencies: ActivityDependencies): Record<string, Activity> {
  const processors = callableProcessors([...dependencies.processors.values()]);
  const ofRuns: RunActivities = {
    ...openRunActivity(dependencies),
    ...largePlanActivities(dependencies),
    ...storedExpressionActivities(dependencies),
    ...readModelActivities(dependencies),
    ...quickTasksActivity(processors, dependencies),
  };
  const ofApprovals: ApprovalActivities = {
    ...openApprovalActivity(dependencies),
    ...identifyActorActivity(dependencies),
    ...recordApprovalActivity(dependencies),
  };
  const ofTasks = [...processors].map(([name, processor]) => [name, taskActivity(processor, dependencies)] as const);
  const coded = Object.entries<Activity>({ ...ofRuns, ...ofApprovals }).map(([name, activity]) => [name, withCodes(activity)] as const);
  return Object.fromEntries<Activity>([...coded, ...ofTasks, ['default', missingActivity]]);
}

/** Temporal calls it for a name that this worker does not have. */
const missingActivity: Activity = withCodes(() => Promise.reject(missingProcessor(activityInfo().activityType)));

const callableProcessors = (all: (Processor | WorkflowStep)[]): CallableProcessors => new Map(all.flatMap((one) => {
  const callable = callableProcessor(one);
  return callable ? [[callable.name, callable] as const] : [];
}));

/** `core.set` is a step of the workflow; a value that is too large for it, or a large run, has it done as an activity. */
function callableProcessor(processor: Processor | WorkflowStep): Processor | null {
  if (!('inWorkflow' in processor)) return processor;
  return processor.name === 'core.set' ? { ...processor, quick: true, process: (_context, input) => Promise.resolve(input) } : null;
}

/** Our own errors end an activity for good or are retried, as they say themselves. */
function withCodes(activity: Activity): Activity {
  return async (...parameters) => {
    try {
      return await activity(...parameters);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable: !error.retryable });
    }
  };
}
