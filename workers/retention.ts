import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { Counter, type Registry } from 'prom-client';
import {
  expireRuns, findEnded, findExpired, findRunsNamedByInputs, markRemoved, removeExpired, removeRows, removeUnreadArtifacts,
  reviewContents, rowsAtOnce, type RunTable, type TimedPart,
} from '../db/retention';
import type { ArtifactContents } from '../platform/artifact-contents';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { Rounds } from '../platform/rounds';

/** What one round has removed; `contents` are the bytes of artifacts, kept once for all that are equal. */
export type Removed = Record<'runs' | 'artifacts' | 'logs' | 'events' | 'contents', number>;

const dayMs = 86_400_000;
const runsAtOnce = 100;
const contentsAtOnce = 20;
/** Between two statements, so that the work of runs goes first. */
const pauseMs = 20;
const tableOf: Readonly<Record<TimedPart, RunTable>> = { logs: 'task_logs', events: 'run_events' };

type RetentionSettings = Pick<Config,
  'DATAMCP_RETENTION_RUNS_DAYS' | 'DATAMCP_RETENTION_ARTIFACTS_DAYS' | 'DATAMCP_RETENTION_LOGS_DAYS' | 'DATAMCP_RETENTION_EVENTS_DAYS' | 'DATAMCP_RETENTION_INTERVAL_MS'>;

export interface RetentionOptions {
  config: RetentionSettings;
  pool: Pool;
  contents: ArtifactContents;
  logger: Logger;
  /** Where the removed are counted, for Prometheus. */
  registry: Registry;
}

/**
 * Removes what is kept no longer, in small bites: ended runs with all that belongs to them, and before that their
 * artifacts, logs and events. Any number of workers may do it at the same time; what one leaves another one ends.
 */
export class Retention {
  private readonly counter: Counter;
  private readonly stopper = new AbortController();
  private readonly rounds: Rounds;

  constructor(private readonly options: RetentionOptions) {
    this.rounds = new Rounds(options.config.DATAMCP_RETENTION_INTERVAL_MS, () => this.sweep(new Date()), (error) => {
      if (!this.stopper.signal.aborted) options.logger.warn('retention stopped short; it goes on in its next round', { error });
    });
    this.counter = new Counter({
      name: 'datamcp_retention_removed_total', help: 'What retention has removed: runs, artifacts, log lines, events, contents of artifacts',
      labelNames: ['kind'], registers: [options.registry],
    });
    // From the beginning, so that the first removal is seen as one.
    this.tell({ runs: 0, artifacts: 0, logs: 0, events: 0, contents: 0 });
  }

  begin(): void {
    this.rounds.begin();
  }

  end(): Promise<void> {
    this.stopper.abort();
    return this.rounds.end();
  }

  /** One round, also for tests. @throws AppError when the artifact store fails; what is done stays done */
  async sweep(now: Date): Promise<Removed> {
    const removed: Removed = { runs: 0, artifacts: 0, logs: 0, events: 0, contents: 0 };
    const { config } = this.options;
    try {
      await this.before(now, config.DATAMCP_RETENTION_LOGS_DAYS, (time) => this.removeParts('logs', time, removed));
      await this.before(now, config.DATAMCP_RETENTION_EVENTS_DAYS, (time) => this.removeParts('events', time, removed));
      await this.before(now, config.DATAMCP_RETENTION_ARTIFACTS_DAYS, (time) => this.removeArtifacts(time, removed));
      await this.before(now, config.DATAMCP_RETENTION_RUNS_DAYS, (time) => this.expire(time));
      await this.removeRuns(removed);
      await this.removeContents(removed);
    } finally {
      this.tell(removed);
    }
    return removed;
  }

  private async before(now: Date, days: number, work: (endedBefore: Date) => Promise<void>): Promise<void> {
    if (days > 0) await work(new Date(now.getTime() - days * dayMs));
  }

  private async removeParts(part: TimedPart, endedBefore: Date, removed: Removed): Promise<void> {
    const { pool } = this.options;
    await this.inBites(runsAtOnce, async () => {
      const runs = await findEnded(pool, part, endedBefore, runsAtOnce);
      removed[part] += await this.removeAll(tableOf[part], runs);
      await markRemoved(pool, part, runs);
      return runs.length;
    });
  }

  private async removeArtifacts(endedBefore: Date, removed: Removed): Promise<void> {
    const { pool } = this.options;
    await this.inBites(runsAtOnce, async () => {
      const bite = await removeUnreadArtifacts(pool, endedBefore, runsAtOnce, await findRunsNamedByInputs(pool));
      removed.artifacts += bite.artifacts;
      return bite.runs;
    });
  }

  private async expire(endedBefore: Date): Promise<void> {
    const { pool } = this.options;
    await this.inBites(runsAtOnce, async () => expireRuns(pool, endedBefore, runsAtOnce, await findRunsNamedByInputs(pool)));
  }

  /** The row goes last: while it is there, whoever comes next knows what is left to do. */
  private async removeRuns(removed: Removed): Promise<void> {
    const { pool } = this.options;
    await this.inBites(runsAtOnce, async () => {
      const runs = await findExpired(pool, runsAtOnce);
      removed.logs += await this.removeAll('task_logs', runs);
      removed.events += await this.removeAll('run_events', runs);
      await this.removeAll('task_attempts', runs);
      await this.removeAll('run_tasks', runs);
      const bite = await removeExpired(pool, runs);
      removed.runs += bite.runs;
      removed.artifacts += bite.artifacts;
      return runs.length;
    });
  }

  private async removeContents(removed: Removed): Promise<void> {
    const { pool, contents } = this.options;
    await this.inBites(contentsAtOnce, async () => {
      const bite = await reviewContents(pool, contentsAtOnce, (sha256) => contents.remove(sha256));
      removed.contents += bite.removed;
      return bite.looked;
    });
  }

  private async removeAll(table: RunTable, runs: readonly string[]): Promise<number> {
    let removed = 0;
    await this.inBites(rowsAtOnce, async () => {
      const bite = await removeRows(this.options.pool, table, runs);
      removed += bite;
      return bite;
    });
    return removed;
  }

  /** Repeats a bite until one is not full. @throws the reason of the abort when the worker stops */
  private async inBites(full: number, bite: () => Promise<number>): Promise<void> {
    while ((await bite()) >= full) await sleep(pauseMs, undefined, { signal: this.stopper.signal });
    this.stopper.signal.throwIfAborted();
  }

  private tell(removed: Removed): void {
    for (const [kind, count] of Object.entries(removed)) this.counter.inc({ kind }, count);
    if (Object.values(removed).some((count) => count > 0)) this.options.logger.info('retention removed what is kept no longer', removed);
  }
}
