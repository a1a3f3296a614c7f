import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities';
import type { ActivityDependencies } from '../activities/dependencies';
import type { Config } from '../platform/config';
import { workerDataConverterOf } from '../platform/payload-codec';
import { activityContext } from './activity-context';
import { foreignCalls } from './foreign-calls';

/** Connects to Temporal over the connection that workers use. */
export const connectWorker = (config: Config): Promise<NativeConnection> => NativeConnection.connect({
  address: config.TEMPORAL_ADDRESS,
  ...(config.TEMPORAL_API_KEY ? { apiKey: config.TEMPORAL_API_KEY, tls: true } : {}),
});

/**
 * The workers of this process: one for workflows and activities, and one for the activities of each further queue.
 * Sizes are those that were measured (docs/performance.md).
 */
export async function createWorkers(
  config: Config, connection: NativeConnection, dependencies: ActivityDependencies, workflowBundle: { codePath: string },
): Promise<Worker[]> {
  const activities = createActivities(dependencies);
  const shared: WorkerOptions = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    identity: dependencies.identity,
    activities,
    interceptors: { activity: [activityContext, foreignCalls] },
    ...workerDataConverterOf(config),
    maxConcurrentActivityTaskExecutions: config.DATAMCP_WORKER_ACTIVITIES,
    shutdownGraceTime: config.DATAMCP_SHUTDOWN_GRACE_MS,
    shutdownForceTime: config.DATAMCP_SHUTDOWN_GRACE_MS + 5_000,
    // A cancel arrives with the answer to a heartbeat: throttled to 80 % of the time-out it would come after 8 s.
    maxHeartbeatThrottleInterval: '1 s',
    defaultHeartbeatThrottleInterval: '1 s',
  };
  const main = Worker.create({
    ...shared,
    workflowBundle,
    maxCachedWorkflows: config.DATAMCP_WORKER_CACHED_WORKFLOWS,
    maxConcurrentLocalActivityExecutions: 500,
    maxEagerActivityReservationsPerWorkflowTask: 1_000,
    // After a killed worker its workflows go to another one within this time.
    stickyQueueScheduleToStartTimeout: '2 s',
  });
  const others = config.DATAMCP_WORKER_QUEUES.map((taskQueue) => Worker.create({ ...shared, taskQueue }));
  return Promise.all([main, ...others]);
}
