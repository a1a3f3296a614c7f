import { LRUCache } from 'lru-cache';
import type { Config } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import { listen, type Listening } from '../../platform/postgres';
import { workerReport, workerReportChannel, workerReportEveryMs, type WorkerReport } from '../../platform/worker-report';

export interface HeardReport extends WorkerReport {
  heardAt: Date;
}

/** A worker that has missed so many reports is not there any more, or cannot reach Postgres. */
const missedReports = 3;
const rememberedWorkers = 1_000;
const rememberedForMs = 600_000;
const rememberedQueues = 200;

/** What this process has heard of workers. A process that has just begun has heard nothing yet. */
export class WorkerReports {
  private readonly heard = new LRUCache<string, HeardReport>({ max: rememberedWorkers, ttl: rememberedForMs });
  /** Outlive their workers: then it matters most what waits in them. */
  private readonly heardQueues = new LRUCache<string, true>({ max: rememberedQueues });
  private readonly listening: Listening;

  constructor(config: Pick<Config, 'DATABASE_URL'>, logger: Logger) {
    this.listening = listen(config, logger, {
      channel: workerReportChannel,
      onMessage: (text) => {
        const { data: report } = workerReport.safeParse(jsonOf(text));
        if (!report) return;
        this.heard.set(report.identity, { ...report, heardAt: new Date() });
        for (const queue of report.queues) this.heardQueues.set(queue, true);
      },
      // Whatever was missed is told again soon.
      onListening: () => undefined,
    });
  }

  /** The newest word of every worker that lives. */
  current(now: Date = new Date()): HeardReport[] {
    return [...this.heard.values()].filter(({ heardAt }) => now.getTime() - heardAt.getTime() <= missedReports * workerReportEveryMs);
  }

  /** Further task queues that workers have spoken of since this process began. */
  queues(): string[] {
    return [...this.heardQueues.keys()];
  }

  /** When the last word of any worker came, within the last ten minutes. */
  lastHeardAt(): Date | null {
    return [...this.heard.values()].reduce<Date | null>((newest, { heardAt }) => (newest && newest > heardAt ? newest : heardAt), null);
  }

  async close(): Promise<void> {
    await this.listening.close();
  }
}

/** Anybody who may use the database can speak on its channels. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
