import { Context, CancelledFailure } from '@temporalio/activity';
import type { TaskActivity } from '../contract';
import type { ActivityDependencies } from '../dependencies';
import type { Processor } from '../processor';
import { Attempt } from './attempt';
import { retryDelayOf } from './next-attempt';
import { observed } from './observation';
import { activityFailure } from './task-failure';

/** Makes the activity of a processor: how its attempt ended, in Temporal's words. */
export const taskActivity = (processor: Processor, dependencies: ActivityDependencies): TaskActivity =>
  async (input) => {
    const { info, cancellationSignal } = Context.current();
    const attempt = new Attempt(processor, dependencies, input, { number: info.attempt, signal: cancellationSignal, retryDelay: retryDelayOf(info) });
    // A local activity has none.
    if (!info.isLocal) attempt.heartbeat.begin();
    try {
      const end = await observed({ processor: processor.name, number: info.attempt, input }, dependencies, () => attempt.run());
      switch (end.outcome) {
        case 'succeeded': return end.result;
        case 'cancelled': throw new CancelledFailure('Cancelled');
        case 'failed': throw activityFailure(end.error, { attempt: info.attempt, startedAt: end.startedAt, finishedAt: end.finishedAt });
      }
    } finally {
      attempt.heartbeat.end();
    }
  };
