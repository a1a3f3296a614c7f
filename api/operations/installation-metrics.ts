import { Gauge } from 'prom-client';
import { countWaitingNotices } from '../../db/approvals/notice-queue';
import { countOpenApprovals, countOpenRuns, oldestSilentRun } from '../../db/operations';
import type { Dependencies } from '../dependencies';
import { healthOf } from './health';
import { inTime } from './patience';
import { listQueues } from './queues';
import { recent } from './recent';

/** Several scrapers, or a person beside one, cost Postgres and Temporal no more than one does. */
const keptMs = 10_000;
/** Asking all components greets the mail server and writes to the artifact store. */
const healthKeptMs = 60_000;

/**
 * What no process knows of itself: components, open runs and approvals, task queues, notices that wait; asked for when
 * somebody scrapes. Every API process shows the same, so dashboards take the maximum (of components the minimum). What
 * cannot be asked is left out; the rest is shown.
 */
export function registerInstallationMetrics(deps: Dependencies): void {
  registerHealth(deps);
  registerRuns(deps);
  registerQueues(deps);
  registerApprovals(deps);
  registerNotices(deps);
}

function registerHealth(deps: Dependencies): void {
  const asked = recent(healthKeptMs, () => healthOf(deps));
  new Gauge({
    name: 'datamcp_component_healthy', help: 'Whether a component of GET /health is healthy: 1, else 0', labelNames: ['component'], registers: [deps.metrics.registry],
    async collect() {
      this.reset();
      for (const [component, { status }] of Object.entries((await asked()).components)) this.set({ component }, status === 'healthy' ? 1 : 0);
    },
  });
}

function registerRuns({ pool, logger, metrics: { registry } }: Dependencies): void {
  const asked = recent(keptMs, () => inTime(async () => ({ open: await countOpenRuns(pool), silentSeconds: await oldestSilentRun(pool) })));
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
  const asked = recent(keptMs, () => inTime(() => listQueues(deps)));
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

function registerApprovals({ pool, logger, metrics: { registry } }: Dependencies): void {
  const asked = recent(keptMs, () => inTime(() => countOpenApprovals(pool)));
  new Gauge({
    name: 'datamcp_approvals_open', help: 'Requests for a decision that are not final, by status', labelNames: ['status'], registers: [registry],
    async collect() {
      this.reset();
      const counts = await asked().catch((error: unknown) => { logger.debug('open approvals could not be counted', { error }); });
      for (const [status, count] of counts ?? []) this.set({ status }, count);
    },
  });
}

/** Mails and calls of webhooks about approvals that are not delivered yet. Of webhooks only those are shown for which something waits. */
function registerNotices({ pool, logger, metrics: { registry } }: Dependencies): void {
  const asked = recent(keptMs, () => inTime(() => countWaitingNotices(pool)));
  const none = { channel: 'mail', count: 0, seconds: 0 };
  const waiting = async () => [none, ...await asked()];
  const failed = (error: unknown): [] => {
    logger.debug('notices could not be counted', { error });
    return [];
  };
  new Gauge({
    name: 'datamcp_notices_waiting', help: 'Notices of approvals that wait to be delivered, by channel', labelNames: ['channel'], registers: [registry],
    async collect() {
      this.reset();
      for (const { channel, count } of await waiting().catch(failed)) this.set({ channel }, count);
    },
  });
  new Gauge({
    name: 'datamcp_notice_age_seconds', help: 'Age of the oldest of these', labelNames: ['channel'], registers: [registry],
    async collect() {
      this.reset();
      for (const { channel, seconds } of await waiting().catch(failed)) this.set({ channel }, seconds);
    },
  });
}
