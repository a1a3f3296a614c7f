import type { Client } from '@temporalio/client';
import type { ArtifactTable } from '../db/artifacts';
import type { ArtifactFiles } from '../platform/artifact-files';
import type { Config } from '../platform/config';
import type { DefinitionChecker } from '../platform/definition-checker';
import type { Logger } from '../platform/logger';
import type { Pool } from '../platform/postgres';
import type { HttpMetrics } from './metrics';
import type { PlanCache } from './pipelines/plan-cache';
import type { RunChanges } from './wait';

/** What the API works with. `main.ts` makes it for a process, the tests for themselves. */
export interface Dependencies {
  config: Config;
  logger: Logger;
  pool: Pool;
  temporal: Client;
  checker: DefinitionChecker;
  artifacts: ArtifactTable;
  files: ArtifactFiles;
  plans: PlanCache;
  changes: RunChanges;
  metrics: HttpMetrics;
  /** Aborted when the process is told to stop: streams and waits end then. */
  stopping: AbortSignal;
}
