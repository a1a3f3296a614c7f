import { boundFields, type LogFields } from './async-context';
import { traceId } from './tracing';

export { withLogFields, type LogFields } from './async-context';

/** The ids of whoever is at work, with that of the trace (W3C) that it is part of. */
export function logFields(): LogFields & { traceId?: string } {
  const trace = traceId();
  return { ...boundFields(), ...(trace !== undefined && { traceId: trace }) };
}

/** A workflow id that the API has made says which run it is for: `run/<pipeline>/<run>`, `batch/<run>/<number>`. */
const runInWorkflowId = /^(?:run\/[^/]+|batch)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\/\d+)?$/;

/** What Temporal's SDK says with a line, in our words: its `runId` or `workflowRunId` is that of an execution, not of a run. */
export function sdkFields({ runId, workflowRunId: executionId = runId, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const run = typeof rest['workflowId'] === 'string' ? runInWorkflowId.exec(rest['workflowId'])?.[1] : undefined;
  return { ...rest, ...(executionId !== undefined && { executionId }), ...(run !== undefined && { runId: run }) };
}
