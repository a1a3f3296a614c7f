import type { Client } from '@temporalio/client';
import type { Catalogue } from '../domain/pipeline/catalogue';
import type { Fault } from '../domain/pipeline/fault';
import type { Plan } from '../domain/pipeline/plan';
import type { ArtifactTable } from '../db/artifacts';
import type { ApprovalTokens } from '../platform/approval-tokens';
import type { ArtifactFiles } from '../platform/artifact-files';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import type { Pool } from '../platform/postgres';
import type { HttpMetrics } from './metrics';
import type { WorkerReports } from './operations/worker-reports';
import type { PlanCache } from './pipelines/plan-cache';
import type { Changes } from './wait';

/** Checks definitions beside the process's main thread, which has requests to answer. */
export interface Checker {
  /** @param owner who asks: those who do take turns */
  check(text: string, format: 'yaml' | 'json', catalogue: Catalogue, owner: string): Promise<{ plan: Plan | null; errors: Fault[]; warnings: Fault[] }>;
}

/** What the API works with. `main.ts` makes it for a process, the tests for themselves. */
export interface Dependencies {
  config: Config;
  logger: Logger;
  pool: Pool;
  temporal: Client;
  checker: Checker;
  approvalTokens: ApprovalTokens;
  artifacts: ArtifactTable;
  files: ArtifactFiles;
  plans: PlanCache;
  changes: Changes;
  approvalChanges: Changes;
  workers: WorkerReports;
  metrics: HttpMetrics;
  /** Whether the schema is in place; until then nothing is accepted. */
  database: { prepared: boolean };
  /** Aborted when the process is told to stop: streams and waits end then. */
  stopping: AbortSignal;
}
