import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Context } from '@opentelemetry/api';
import { SpanKind, contextOf, traceparent, traced } from './tracing';

/** The header in which Temporal's interceptors for OpenTelemetry, in every language, carry the trace. */
const headerName = '_tracer-data';

/** The trace that a workflow or an activity was called in, by the headers of the call; undefined when there is none. */
export function contextInHeaders(headers: Headers): Context | undefined {
  const payload = headers[headerName];
  if (!payload) return undefined;
  const carried = defaultPayloadConverter.fromPayload<unknown>(payload);
  const isCarrier = typeof carried === 'object' && carried !== null && 'traceparent' in carried;
  return isCarrier ? contextOf(String(carried.traceparent)) : undefined;
}

function withTrace(headers: Headers): Headers {
  const parent = traceparent();
  return parent === undefined ? headers : { ...headers, [headerName]: defaultPayloadConverter.toPayload({ traceparent: parent }) };
}

const options = (workflowId: string | undefined) => ({ kind: SpanKind.CLIENT, attributes: { 'temporal.workflow.id': workflowId } });

/** Hands the trace of a request on to the workflow that it starts. Outside of any trace, calls are left as they are. */
export const traceWorkflowStarts: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => traced(`start ${input.workflowType}`, options(input.options.workflowId), () =>
    next({ ...input, headers: withTrace(input.headers) })),
  signalWithStart: (input, next) => traced(`start ${input.workflowType}`, options(input.options.workflowId), () =>
    next({ ...input, headers: withTrace(input.headers) })),
};
