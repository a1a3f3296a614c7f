import { Gauge } from 'prom-client';
import { countOpenRuns, oldestSilentRun } from '../../db/operations';
import type { Dependencies } from '../dependencies';
import { listQueues } from './queues';
import { recent } from './recent';

/** Several scrapers, or a person beside one, cost Postgres and Temporal no more than one does. */
const keptMs = 10_000;

/**
 * What no process knows of itself: open runs and task queues, asked for when somebody scrapes. Every API process shows
 * the same, so dashboards take the maximum. What cannot be asked is left out; the rest is shown.
 */
export function registerInstallationMetrics(deps: Dependencies): void {
  registerRuns(deps);
  registerQueues(deps);
}

function registerRuns({ pool, logger, metrics: { registry } }: Dependencies): void {
  const asked = recent(keptMs, async () => ({ open: await countOpenRuns(pool), silentSeconds: await oldestSilentRun(pool) }));
  const failed = (error: unknown): undefined => { logger.debug('open runs could not be counted', { error }); };
  new Gauge({
    name: 'datamcp_runs_open', help: 'Runs that are not final, by status', labelNames: ['status'], registers: [registry],
    async collect() {
      this.reset();
      for (const [status, count] of (await asked().catch(failed))?.open ?? []) this.set({ status }, count);
    },
  });
  new Gauge({
    name: 'datamcp_run_silence_seconds', help: 'How long the oldest run waits that is admitted and of whose workflow nothing was heard', registers: [registry],
    async collect() {
      this.remove();
      const answer = await asked().catch(failed);
      if (answer) this.set(answer.silentSeconds);
    },
  });
}

function registerQueues(deps: Dependencies): void {
  const { logger, metrics: { registry } } = deps;
  const asked = recent(keptMs, () => listQueues(deps));
  const queues = () => asked().catch((error: unknown) => {
    logger.debug('task queues could not be looked at', { error });
    return [];
  });
  const labelNames = ['queue', 'kind'];
  new Gauge({
    name: 'datamcp_queue_backlog', help: 'Tasks of a Temporal task queue that nobody has taken yet, about', labelNames, registers: [registry],
    async collect() {
      this.reset();
      for (const { name, kind, backlog } of await queues()) this.set({ queue: name, kind }, backlog);
    },
  });
  new Gauge({
    name: 'datamcp_queue_backlog_age_seconds', help: 'Age of the oldest of these', labelNames, registers: [registry],
    async collect() {
      this.reset();
      for (const { name, kind, backlogAgeMs } of await queues()) this.set({ queue: name, kind }, backlogAgeMs / 1_000);
    },
  });
  new Gauge({
    name: 'datamcp_queue_pollers', help: 'Worker processes that asked a task queue for work in the last minutes', labelNames, registers: [registry],
    async collect() {
      this.reset();
      for (const { name, kind, pollers } of await queues()) this.set({ queue: name, kind }, pollers.length);
    },
  });
}
