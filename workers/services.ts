import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { ActivityDependencies } from '../activities/dependencies';
import { PlanCache } from '../activities/pipeline/plan-cache';
import { builtinProcessors } from '../activities/processors';
import { AttemptWriter } from '../activities/task/attempt-writer';
import { ArtifactTable } from '../db/artifacts';
import { storedConnections } from '../db/connections';
import { makeSecrets } from '../db/secrets';
import { artifactFiles } from '../platform/artifact-files';
import type { Config } from '../platform/config';
import { Connections } from '../platform/connections';
import { HttpClient } from '../platform/http';
import type { Logger } from '../platform/logger';
import { Mailer } from '../platform/mail';
import { WorkerMetrics } from '../platform/worker-metrics';

/** Composes what the activities of one worker share. */
export function activityDependencies(config: Config, pool: Pool, logger: Logger): ActivityDependencies {
  const secrets = makeSecrets(config, pool);
  const metrics = new WorkerMetrics();
  return {
    config, pool, logger,
    processors: builtinProcessors,
    plans: new PlanCache(pool),
    attempts: new AttemptWriter(pool, logger, metrics),
    files: artifactFiles(config),
    artifacts: new ArtifactTable(pool),
    connections: new Connections(config.connections, { stored: storedConnections(pool), secrets }),
    secrets,
    mailer: new Mailer(config),
    http: new HttpClient(config),
    metrics,
    identity: `${process.pid}@${hostname()}`,
  };
}
