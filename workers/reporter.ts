import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { errorMessage } from '../domain/errors';
import { offerProcessors } from '../db/processors';
import type { CircuitBreakers } from '../platform/circuit-breakers';
import type { Logger } from '../platform/logger';
import { productVersion } from '../platform/package-root';
import { Rounds } from '../platform/rounds';
import type { WorkerMetrics } from '../platform/worker-metrics';
import { workerReportChannel, workerReportEveryMs, type WorkerReport } from '../platform/worker-report';

/** What a worker reaches, as it found in its last round. */
export type Reached = Record<'postgres' | 'temporal', string | null>;

/** A notification holds 8,000 bytes. */
const mostCircuits = 20;
const mostQueues = 50;
const patienceMs = 2_000;

export interface ReporterOptions {
  identity: string;
  pool: Pool;
  client: Client;
  /** Names of its processors. */
  processors: readonly string[];
  /** Further task queues that it takes activities from. */
  queues: readonly string[];
  circuits: CircuitBreakers;
  metrics: WorkerMetrics;
  logger: Logger;
}

/** Tells the API every few seconds that this worker lives, how it is and which processors it has, and finds out what it can reach itself. */
export class Reporter {
  /** Why a component cannot be reached; null while it can. */
  readonly trouble: Reached = { postgres: null, temporal: null };
  private readonly rounds: Rounds;

  constructor(private readonly options: ReporterOptions) {
    this.rounds = new Rounds(workerReportEveryMs, () => this.report(), (error) => { options.logger.warn('the worker could not report', { error }); });
  }

  begin(): void {
    this.rounds.begin();
    this.rounds.wake();
  }

  end(): Promise<void> {
    return this.rounds.end();
  }

  private async report(): Promise<void> {
    await Promise.all([this.reach('postgres', () => this.tell()), this.reach('temporal', () => this.askTemporal())]);
  }

  private async reach(component: keyof Reached, ask: () => Promise<unknown>): Promise<void> {
    const before = this.trouble[component];
    try {
      await ask();
      this.trouble[component] = null;
      if (before !== null) this.options.logger.info('it can be reached again', { component });
    } catch (error) {
      this.trouble[component] = errorMessage(error);
      if (before === null) this.options.logger.warn('it cannot be reached', { component, error });
    }
  }

  private async tell(): Promise<void> {
    const { identity, pool, processors, queues, circuits, metrics } = this.options;
    const report: WorkerReport = {
      identity, version: productVersion(), lagMs: metrics.takeLongestLagMs(),
      circuits: circuits.report().flatMap(({ host, status }) => (status === 'closed' ? [] : [{ host, status }])).slice(0, mostCircuits),
      queues: queues.slice(0, mostQueues),
    };
    await pool.query('select pg_notify($1, $2)', [workerReportChannel, JSON.stringify(report)]);
    await offerProcessors(pool, processors);
  }

  private askTemporal(): Promise<unknown> {
    const { client } = this.options;
    return client.withDeadline(Date.now() + patienceMs, () => client.workflowService.getSystemInfo({}));
  }
}
