import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { ActivityDependencies } from '../activities/dependencies';
import { catalogueOf, loadProcessors } from '../activities/processors/plugins';
import { publishCatalogue } from '../db/processors';
import { isHopeless, makeReady } from '../db/readiness';
import { failureText } from '../domain/errors';
import { registerCircuitMetrics } from '../platform/circuit-metrics';
import { loadConfig, type Config } from '../platform/config';
import { makeLogger, type Logger } from '../platform/logger';
import { productVersion } from '../platform/package-root';
import { tellListening } from '../platform/parent-process';
import { makePool, type Pool } from '../platform/postgres';
import { registerProcessMetrics } from '../platform/process-metrics';
import { logWarnings } from '../platform/process-warnings';
import { maskLog } from '../platform/secret-log';
import { makeTemporalClient, prepareNamespace } from '../platform/temporal';
import { startTracing } from '../platform/tracing';
import { ApprovalKeeper } from './approval-keeper';
import { bundleKind, bundlePath } from './bundle';
import { serveHealth, type HealthReport } from './health';
import { exposition, registerWorkerMetrics, sdkMetricsAddress } from './metrics';
import { Notifier } from './notifier';
import { Reconciler } from './reconciler';
import { Reporter } from './reporter';
import { Retention } from './retention';
import { installRuntime } from './runtime';
import { activityDependencies } from './services';
import { Starter } from './starter';
import { tellStrayFailures } from './stray-failures';
import { connectWorker, createWorkers } from './worker';

const firstRetryMs = 200;
const longestRetryMs = 5_000;
/** Scratch files of attempts that ended with their process. */
const leftoverAgeMs = 86_400_000;

/** Waits for what the worker needs, for as long as it takes: a worker that crashes in a loop helps nobody. */
async function eventually<T>(what: string, health: HealthReport, logger: Logger, isStopped: () => boolean, work: () => Promise<T>): Promise<T> {
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
    health.detail = `waiting for ${what}`;
    try {
      return await work();
    } catch (error) {
      if (isStopped() || isHopeless(error)) throw error;
      logger.warn(`waiting for ${what}`, { error, retryMs });
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Lets the workers end what they are at when the process is told to stop. @returns whether it was told */
function drainOnSignal(health: HealthReport, logger: Logger, workers: () => readonly Worker[]): () => boolean {
  let stopped = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopped) return;
    stopped = true;
    logger.info('stopping', { signal });
    Object.assign(health, { ready: false, detail: 'draining' });
    if (workers().length === 0) process.exit(0);
    for (const worker of workers()) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return () => stopped;
}

/** What every worker does beside its tasks; any number of workers do it at the same time. */
const dutiesOf = (config: Config, { pool, client, dependencies, logger }: { pool: Pool; client: Client; dependencies: ActivityDependencies; logger: Logger }) => [
  new Starter(config, pool, client, logger),
  new Reconciler(pool, client, logger),
  new Retention({ config, pool, contents: dependencies.files.contents, logger, registry: dependencies.metrics.registry }),
  new ApprovalKeeper(config, pool, client, logger),
  new Notifier(config, pool, dependencies, logger),
];

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = makeLogger(config.LOG_LEVEL, 'worker');
  tellStrayFailures(logger);
  logWarnings(logger);
  const processors = await loadProcessors(config.DATAMCP_PLUGINS, (file) => logger.info('loads a plugin', { file }));
  const sdkAddress = config.DATAMCP_WORKER_SDK_METRICS ? await sdkMetricsAddress() : undefined;
  installRuntime(logger, sdkAddress);
  const tracing = await startTracing(config, 'datamcp-worker', logger);
  const health: HealthReport = { ready: false, detail: 'starting' };
  const pool = makePool(config, logger);
  const dependencies = { ...activityDependencies(config, pool, logger), processors };
  const { metrics, http: { circuits } } = dependencies;
  const { registry } = metrics;
  registerProcessMetrics(registry);
  registerCircuitMetrics(circuits, registry);
  const client = makeTemporalClient(config);
  const reporter = new Reporter({ identity: dependencies.identity, processors: [...processors.keys()], queues: config.DATAMCP_WORKER_QUEUES, pool, client, circuits, metrics, logger });
  const server = await serveHealth({ host: config.DATAMCP_WORKER_HEALTH_HOST, port: config.DATAMCP_WORKER_HEALTH_PORT }, {
    health: () => ({ ...health, circuits: circuits.report().filter(({ status }) => status !== 'closed') }),
    trouble: () => reporter.trouble,
    metrics: () => exposition(registry, sdkAddress),
  });
  tellListening();
  let workers: Worker[] = [];
  const isStopped = drainOnSignal(health, logger, () => workers);

  const wait = <T>(what: string, work: () => Promise<T>): Promise<T> => eventually(what, health, logger, isStopped, work);
  await wait('Postgres', async () => { await makeReady(config, pool); await publishCatalogue(pool, catalogueOf(processors)); });
  await wait('Temporal', () => prepareNamespace(client, 0));
  const connection = await wait('Temporal', () => connectWorker(config));
  maskLog(logger, dependencies.secrets.mask);
  await wait('Postgres', () => dependencies.secrets.learnAll());
  workers = await wait('the task queue', () => createWorkers(config, connection, dependencies, { codePath: bundlePath(bundleKind(config)) }));
  registerWorkerMetrics(workers, config, registry);

  await dependencies.files.removeLeftovers(leftoverAgeMs, new Date());
  const duties = [...dutiesOf(config, { pool, client, dependencies, logger }), reporter];
  for (const duty of duties) duty.begin();
  Object.assign(health, { ready: true, detail: 'working' });
  logger.info('the worker takes work', { taskQueue: config.TEMPORAL_TASK_QUEUE, processors: processors.size, healthPort: server.port, version: productVersion() });
  await Promise.all(workers.map((worker) => worker.run()));

  await Promise.all([...duties.map((duty) => duty.end()), dependencies.attempts.flush()]);
  await Promise.all([pool.end(), connection.close(), dependencies.connections.close(), dependencies.http.close(), server.close()]);
  await Promise.all([client.connection.close(), tracing.close()]);
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(1);
});
