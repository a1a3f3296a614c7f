import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { builtinProcessors } from '../../activities/processors';
import type { Config } from '../../platform/config';
import { makeLogger } from '../../platform/logger';
import type { Pool } from '../../platform/postgres';
import { bundleKind } from '../../workers/bundle';
import { activityDependencies } from '../../workers/services';
import { Starter } from '../../workers/starter';
import { connectWorker, createWorkers } from '../../workers/worker';
import { workflowBundle } from './bundle';

// Once a process, before the first worker: only what is wrong is worth a line in the output of tests.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Starts a worker of this process, and the starter beside it. @returns what stops both, as often as it is called, and waits for what they are at */
export async function startTestWorker(config: Config, pool: Pool, client: Client, processors = builtinProcessors): Promise<() => Promise<void>> {
  const logger = makeLogger(config.LOG_LEVEL, 'test');
  const connection = await connectWorker(config);
  const dependencies = { ...activityDependencies(config, pool, logger), processors };
  const workers = await createWorkers(config, connection, dependencies, workflowBundle(bundleKind(config)));
  const starter = new Starter(config, pool, client, logger);
  starter.begin();
  const done = Promise.all(workers.map((worker) => worker.run()));
  const stop = async (): Promise<void> => {
    for (const worker of workers) worker.shutdown();
    await done;
    await Promise.all([starter.end(), dependencies.attempts.flush()]);
    await connection.close();
  };
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= stop());
}
