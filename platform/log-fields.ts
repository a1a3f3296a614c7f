import { AsyncLocalStorage } from 'node:async_hooks';
import { traceId } from './tracing';

/** Ids that log lines bear, by the same names in every process. */
export interface LogFields {
  /** `X-Request-Id` of the request that is being answered. */
  requestId?: string;
  /** Id of the workflow in Temporal. */
  workflowId?: string;
  /** Id of the run of a pipeline. */
  runId?: string;
  task?: string;
  /** Item number of a `forEach` instance. */
  instance?: number;
  attempt?: number;
  processor?: string;
}

const storage = new AsyncLocalStorage<LogFields>();

/** Binds ids to everything that is logged from within `work`, beside those that are bound already. */
export const withLogFields = <T>(fields: LogFields, work: () => T): T => storage.run({ ...storage.getStore(), ...fields }, work);

/** The ids of whoever is at work, with that of the trace (W3C) that it is part of. */
export function logFields(): LogFields & { traceId?: string } {
  const trace = traceId();
  return { ...storage.getStore(), ...(trace !== undefined && { traceId: trace }) };
}

/** A workflow id that the API has made says which run it is for: `run/<pipeline>/<run>`, `batch/<run>/<number>`. */
const runInWorkflowId = /^(?:run\/[^/]+|batch)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\/\d+)?$/;

/** What Temporal's SDK says with a line, in our words: its `runId` is that of an execution, not of a run. */
export function sdkFields({ runId, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const run = typeof rest['workflowId'] === 'string' ? runInWorkflowId.exec(rest['workflowId'])?.[1] : undefined;
  return { ...rest, ...(runId !== undefined && { executionId: runId }), ...(run !== undefined && { runId: run }) };
}
