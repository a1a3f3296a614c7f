import type { Pool } from 'pg';
import type { ArtifactFiles } from '../platform/artifact-files';
import type { ArtifactIndex } from '../platform/artifacts';
import type { Config } from '../platform/config';
import type { Connections } from '../platform/connections';
import type { HttpClient } from '../platform/http';
import type { Logger } from '../platform/logger';
import type { Mailer } from '../platform/mail';
import type { Secrets } from '../platform/secrets';
import type { WorkerMetrics } from '../platform/worker-metrics';
import type { PlanCache } from './pipeline/plan-cache';
import type { Processor, WorkflowStep } from './processor';
import type { AttemptWriter } from './task/attempt-writer';

/** What the activities of one worker share. */
export interface ActivityDependencies {
  config: Config;
  pool: Pool;
  logger: Logger;
  processors: ReadonlyMap<string, Processor | WorkflowStep>;
  plans: PlanCache;
  attempts: AttemptWriter;
  files: ArtifactFiles;
  artifacts: ArtifactIndex;
  connections: Connections;
  secrets: Secrets;
  mailer: Mailer;
  http: HttpClient;
  metrics: WorkerMetrics;
  /** Name of this worker, as the Temporal UI shows it. */
  identity: string;
}
