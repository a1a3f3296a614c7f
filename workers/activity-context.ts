import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, ActivityInterceptors, Next } from '@temporalio/worker';
import { withLogFields } from '../platform/log-fields';
import { contextInHeaders } from '../platform/trace-header';
import { inContext } from '../platform/tracing';

/** Binds what an activity logs to its workflow, and puts it into the trace that the workflow was started in. */
export const activityContext = (context: Context): ActivityInterceptors => ({ inbound: new BoundActivity(context.info.workflowExecution?.workflowId) });

class BoundActivity implements ActivityInboundCallsInterceptor {
  constructor(private readonly workflowId: string | undefined) {}

  execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const trace = contextInHeaders(input.headers);
    return withLogFields(this.workflowId === undefined ? {} : { workflowId: this.workflowId }, () => (trace ? inContext(trace, () => next(input)) : next(input)));
  }
}
