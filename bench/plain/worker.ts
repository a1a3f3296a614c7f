import { Worker } from '@temporalio/worker';
import { loadConfig } from '../../platform/config';
import { connectWorker } from '../../workers/worker';
import * as activities from './activities';

/** The worker of the hand-coded side: a process of its own, with the sizes of the product's worker. */
async function main(): Promise<void> {
  const config = loadConfig();
  const connection = await connectWorker(config);
  const worker = await Worker.create({
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    workflowsPath: require.resolve('./workflows'),
    activities,
    maxConcurrentActivityTaskExecutions: config.DATAMCP_WORKER_ACTIVITIES,
    maxCachedWorkflows: config.DATAMCP_WORKER_CACHED_WORKFLOWS,
    maxConcurrentLocalActivityExecutions: 500,
    maxEagerActivityReservationsPerWorkflowTask: 1_000,
    stickyQueueScheduleToStartTimeout: '2 s',
    // The bench ends it: the process of its own should then be gone within moments.
    shutdownForceTime: '2 s',
  });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
