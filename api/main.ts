import type { Server } from 'node:http';
import { ArtifactTable } from '../db/artifacts';
import { forgetOldRequests } from '../db/idempotency';
import { failureText } from '../domain/errors';
import { ApprovalTokens } from '../platform/approval-tokens';
import { artifactFiles } from '../platform/artifact-files';
import { loadConfig, type Config } from '../platform/config';
import { DefinitionChecker } from '../platform/definition-checker';
import { makeLogger, type Logger } from '../platform/logger';
import { tellListening } from '../platform/parent-process';
import { makePool } from '../platform/postgres';
import { logWarnings } from '../platform/process-warnings';
import { Rounds } from '../platform/rounds';
import { maskLog } from '../platform/secret-log';
import { SecretMask } from '../platform/secret-mask';
import { productVersion } from '../platform/package-root';
import { configuredCredentials } from '../platform/secrets';
import { listenAt } from '../platform/server-address';
import { makeTemporalClient, prepareNamespace } from '../platform/temporal';
import { startTracing } from '../platform/tracing';
import { buildApp } from './app';
import type { Dependencies } from './dependencies';
import { makeMetrics } from './metrics';
import { WorkerReports } from './operations/worker-reports';
import { PlanCache } from './pipelines/plan-cache';
import { prepareDatabase } from './preparation';
import { persist } from './retry';
import { closeServer, makeServer } from './server';
import { Changes } from './wait';

/** A query of the API that takes longer than this is a fault, and must not hold its connection. */
const queryTimeoutMs = 15_000;
const hourMs = 3_600_000;
/** Short, because it is tried again and again, and because a process that is told to stop waits for it. */
const namespacePatienceMs = 1_000;

function makeDependencies(config: Config, logger: Logger, stopping: AbortSignal): Dependencies & { checker: DefinitionChecker } {
  const pool = makePool(config, logger, { queryTimeoutMs });
  return {
    config, logger, pool, stopping,
    temporal: makeTemporalClient(config),
    checker: new DefinitionChecker(),
    approvalTokens: new ApprovalTokens(config),
    artifacts: new ArtifactTable(pool),
    files: artifactFiles(config),
    plans: new PlanCache(),
    changes: new Changes(config, logger, 'run_changed'),
    approvalChanges: new Changes(config, logger, 'approval_changed'),
    workers: new WorkerReports(config, logger),
    metrics: makeMetrics(),
    database: { prepared: false },
  };
}

/** Ends in good order: streams and waits have ended with `stopping`, and what is being answered still needs the rest. */
async function stop(deps: Dependencies & { checker: DefinitionChecker }, server: Server): Promise<void> {
  await closeServer(server, deps.config.DATAMCP_SHUTDOWN_GRACE_MS);
  await Promise.allSettled([deps.changes.close(), deps.approvalChanges.close(), deps.workers.close(), deps.checker.close(), deps.temporal.connection.close(), deps.pool.end()]);
}

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = makeLogger(config.LOG_LEVEL, 'api');
  logWarnings(logger);
  maskLog(logger, new SecretMask(configuredCredentials(config)));
  const tracing = await startTracing(config, 'datamcp-api', logger);
  const stopper = new AbortController();
  const deps = makeDependencies(config, logger, stopper.signal);
  const server = makeServer(config, buildApp(deps));
  await listenAt(server, { host: config.DATAMCP_API_HOST, port: config.DATAMCP_API_PORT }, 'DATAMCP_API_HOST, DATAMCP_API_PORT');
  tellListening();
  logger.info('listening', { address: server.address(), version: productVersion() });

  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  // It listens first and gets ready then: while Postgres or Temporal are down, /readyz can say so.
  const preparing = Promise.all([
    persist('prepare the database', () => prepareDatabase(deps), logger, stopper.signal),
    persist('prepare the Temporal namespace', () => prepareNamespace(deps.temporal, namespacePatienceMs), logger, stopper.signal),
  ]);
  const cleaning = new Rounds(hourMs, () => forgetOldRequests(deps.pool), (error) => { logger.warn('old idempotency keys were not removed', { error }); });
  cleaning.begin();
  try {
    logger.info('stopping', { signal: await Promise.race([signalled, preparing.then(() => signalled)]) });
  } finally {
    stopper.abort();
    await preparing.catch(() => undefined);
    await cleaning.end();
    await stop(deps, server);
    await tracing.close();
  }
}

main().catch((error: unknown) => {
  // A wrong configuration, a migration that was edited, a missing key or a taken port: nothing that waiting would mend.
  process.stderr.write(`${failureText(error)}\n`);
  // What has been opened by then would keep the process from ending.
  process.exit(1);
});
