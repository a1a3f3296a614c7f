import type {
  ActivityInput,
  ContinueAsNewInput,
  LocalActivityInput,
  Next,
  StartChildWorkflowExecutionInput,
  WorkflowExecuteInput,
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';

type Headers = WorkflowExecuteInput['headers'];

/** Where Temporal's interceptors for OpenTelemetry, in every language, carry the trace. */
const traceHeader = '_tracer-data';

/**
 * Passes the trace that a workflow was started in on to what it calls, as it came: activities make the spans. So tracing
 * needs nothing of OpenTelemetry in the sandbox, and where nobody traces there is nothing to pass on.
 */
class TraceHeader implements WorkflowInboundCallsInterceptor, WorkflowOutboundCallsInterceptor {
  private trace: Headers = {};

  execute(input: WorkflowExecuteInput, next: Next<WorkflowInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const header = input.headers[traceHeader];
    if (header) this.trace = { [traceHeader]: header };
    return next(input);
  }

  scheduleActivity(input: ActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>): Promise<unknown> {
    return next({ ...input, headers: { ...input.headers, ...this.trace } });
  }

  scheduleLocalActivity(input: LocalActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>): Promise<unknown> {
    return next({ ...input, headers: { ...input.headers, ...this.trace } });
  }

  startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput, next: Next<WorkflowOutboundCallsInterceptor, 'startChildWorkflowExecution'>,
  ): Promise<[Promise<string>, Promise<unknown>]> {
    return next({ ...input, headers: { ...input.headers, ...this.trace } });
  }

  continueAsNew(input: ContinueAsNewInput, next: Next<WorkflowOutboundCallsInterceptor, 'continueAsNew'>): Promise<never> {
    return next({ ...input, headers: { ...input.headers, ...this.trace } });
  }
}

export const interceptors = (): WorkflowInterceptors => {
  const header = new TraceHeader();
  return { inbound: [header], outbound: [header] };
};
