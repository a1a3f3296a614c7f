import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, ActivityInterceptors, Next } from '@temporalio/worker';
import { foreignCallHeader } from '../workflows/task/contract';

/**
 * Refuses what `temporal.activity` calls: our activities trust what they are given. Whoever may write a definition could
 * else record the end of any run, or a decision that nobody made.
 */
export const foreignCalls = ({ info }: Context): ActivityInterceptors => ({ inbound: new ForeignCalls(info.activityType, info.taskQueue) });

class ForeignCalls implements ActivityInboundCallsInterceptor {
  constructor(private readonly activity: string, private readonly queue: string) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    if (!(foreignCallHeader in input.headers)) return next(input);
    const message = `temporal.activity cannot call ${this.activity}: the queue ${this.queue} is one of DataMCP's own workers. Name the queue of another worker, or the processor by \`uses\``;
    throw ApplicationFailure.create({ type: 'access_denied', message, nonRetryable: true });
  }
}
