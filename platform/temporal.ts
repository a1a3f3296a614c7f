import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowExecutionStatusName,
  type WorkflowSignalWithStartOptions,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../domain/search-attributes';
import type { Config } from './config';
import type { Logger } from './logger';
import { namespaceRetentionDays } from './namespace-retention';
import { dataConverterOf } from './payload-codec';
import { TemporalConnection } from './temporal-connection';
import { traceWorkflowStarts } from './trace-header';

/** gRPC status codes (grpc.io, status codes): what "cannot be reached now" and the two harmless answers look like. */
const grpcCode = { deadlineExceeded: 4, notFound: 5, alreadyExists: 6, unavailable: 14 } as const;
const callTimeoutMs = 5_000;
const retentionMs = namespaceRetentionDays * 86_400_000;
/** A run admitted longer ago than this is not started blindly: its first workflow may be past the namespace's retention. */
export const blindStartLimitMs = retentionMs / 2;

const hasCode = (error: unknown, ...codes: number[]): boolean => isGrpcServiceError(error) && codes.includes(error.code);

/** Whether an error says that the server cannot be reached now, wherever in the chain of causes. */
export function isTemporalUnreachable(error: unknown): boolean {
  if (hasCode(error, grpcCode.deadlineExceeded, grpcCode.unavailable)) return true;
  return error instanceof Error && error.cause !== undefined && isTemporalUnreachable(error.cause);
}

export const isWorkflowNotFound = (error: unknown): boolean => error instanceof Error && error.name === 'WorkflowNotFoundError';

/** Whether a start was refused because a workflow of that id runs or ran. */
export const isAlreadyStarted = (error: unknown): boolean => error instanceof WorkflowExecutionAlreadyStartedError;

/** A client that connects with its first call, so that a process can start while Temporal is down. */
export function makeTemporalClient(config: Config): Client {
  const connection = TemporalConnection.lazy({
    address: config.TEMPORAL_ADDRESS,
    ...(config.TEMPORAL_API_KEY ? { apiKey: config.TEMPORAL_API_KEY, tls: true } : {}),
    connectTimeout: callTimeoutMs,
    // As it comes, a client pauses for up to two minutes before it tries to reach a server again that was away.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 2_000 },
  });
  return new Client({
    connection, namespace: config.TEMPORAL_NAMESPACE, ...dataConverterOf(config), interceptors: { workflow: [traceWorkflowStarts] },
  });
}

/** The connection that `makeTemporalClient` made: `Client.connection` only promises the narrower interface. */
function connectionOf(client: Client): Connection {
  if (!(client.connection instanceof Connection)) throw new TypeError('The Temporal client needs a Connection of its own');
  return client.connection;
}

async function ensureNamespace(client: Client): Promise<void> {
  const namespace = client.options.namespace;
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!hasCode(error, grpcCode.notFound)) throw error;
    await client.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(retentionMs) })
      .catch((cause: unknown) => { if (!hasCode(cause, grpcCode.alreadyExists)) throw cause; });
  }
}

const indexedType = {
  KEYWORD: temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_INT,
};

async function ensureSearchAttributes(client: Client): Promise<void> {
  const namespace = client.options.namespace;
  const { operatorService } = connectionOf(client);
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => known.customAttributes?.[name] === undefined);
  if (missing.length === 0) return;
  await operatorService
    .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexedType[type]])) })
    .catch((cause: unknown) => { if (!hasCode(cause, grpcCode.alreadyExists)) throw cause; });
}

/**
 * Makes the namespace (30 days of retention) and registers the search attributes, where they do not exist.
 * A new namespace is known to all parts of the server only after a moment, so this is tried for up to `patienceMs`.
 */
export async function prepareNamespace(client: Client, patienceMs = 30_000): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      await client.withDeadline(Date.now() + callTimeoutMs, () => ensureNamespace(client));
      await client.withDeadline(Date.now() + callTimeoutMs, () => ensureSearchAttributes(client));
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Starts a workflow; one of that id that runs or ran already counts as started. */
export async function startWorkflow(client: Client, type: string, options: WorkflowStartOptions): Promise<void> {
  try {
    await client.withDeadline(Date.now() + callTimeoutMs, () => client.workflow.start(type, options));
  } catch (error) {
    if (!isAlreadyStarted(error)) throw error;
  }
}

/** Signals a workflow, which is started with that signal where it does not run. @throws an error that `isAlreadyStarted` knows where it ran before */
export async function signalWithStart(client: Client, type: string, options: WorkflowSignalWithStartOptions<unknown[]>): Promise<void> {
  await client.withDeadline(Date.now() + callTimeoutMs, () => client.workflow.signalWithStart(type, options));
}

/** Sends a signal. @throws WorkflowNotFoundError, or an error that `isTemporalUnreachable` knows */
export async function signalWorkflow(client: Client, workflowId: string, name: string, argument: unknown): Promise<void> {
  await client.withDeadline(Date.now() + callTimeoutMs, () => client.workflow.getHandle(workflowId).signal(name, argument));
}

/** Sends a signal to a workflow that may have ended, too. @throws only errors that `isTemporalUnreachable` knows */
export async function signalIfOpen(client: Client, logger: Logger, { workflowId, name, argument }: { workflowId: string; name: string; argument?: unknown }): Promise<void> {
  try {
    await signalWorkflow(client, workflowId, name, argument);
  } catch (error) {
    if (isTemporalUnreachable(error)) throw error;
    logger.info('a workflow could not be told: it has ended, too', { workflowId, signal: name, error });
  }
}

/** How the newest workflow of this id stands; null when Temporal does not know any (any more). */
export async function findWorkflowStatus(client: Client, workflowId: string): Promise<WorkflowExecutionStatusName | null> {
  try {
    const { status } = await client.withDeadline(Date.now() + callTimeoutMs, () => client.workflow.getHandle(workflowId).describe());
    return status.name;
  } catch (error) {
    if (!isWorkflowNotFound(error)) throw error;
    return null;
  }
}

export type UpdateAnswer<T> = { confirmed: true; result: T } | { confirmed: false };

/**
 * Sends an update and waits at most 5 s for its answer. While no worker runs an update hangs, and it is forgotten when nobody
 * waits for it any more.
 * @param updateId makes a repetition harmless
 * @throws WorkflowUpdateFailedError when the workflow refused it
 */
export async function updateWorkflow<T>(client: Client, workflowId: string, name: string, argument: unknown, updateId: string): Promise<UpdateAnswer<T>> {
  try {
    const result = await client.withDeadline(Date.now() + callTimeoutMs, () =>
      client.workflow.getHandle(workflowId).executeUpdate<T, [unknown]>(name, { args: [argument], updateId }));
    return { confirmed: true, result };
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { confirmed: false };
    throw error;
  }
}
