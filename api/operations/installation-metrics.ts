import { Gauge } from 'prom-client';
import { countWaitingNotices } from '../../db/approvals/notice-queue';
import { countOpenApprovals, countOpenRuns, oldestSilentRun } from '../../db/operations';
import type { Dependencies } from '../dependencies';
import { healthOf } from './health';
import { inTime } from './patience';
import { listQueues, type QueueState } from './queues';
import { recent } from './recent';

/** Several scrapers, or a person beside one, cost Postgres and Temporal no more than one does. */
const keptMs = 10_000;
/** Asking all components greets the mail server and writes to the artifact store. */
const healthKeptMs = 60_000;

type Samples = readonly (readonly [labels: Record<string, string>, value: number])[];

/**
 * What no process knows of itself: components, open runs and approvals, task queues, notices that wait; asked for when
 * somebody scrapes. Every API process shows the same, so dashboards take the maximum (of components the minimum). What
 * cannot be asked is left out; the rest is shown.
 */
export function registerInstallationMetrics(deps: Dependencies): void {
  const gauge = gaugesOf(deps);
  const health = recent(healthKeptMs, () => healthOf(deps));
  gauge('datamcp_component_healthy', 'Whether a component of GET /health is healthy: 1, else 0', ['component'], async () =>
    Object.entries((await health()).components).map(([component, { status }]) => [{ component }, status === 'healthy' ? 1 : 0]));

  const open = asked(() => countOpenRuns(deps.pool));
  gauge('datamcp_runs_open', 'Runs that are not final, by status', ['status'], async () => byStatus(await open()));
  const silence = asked(() => oldestSilentRun(deps.pool));
  gauge('datamcp_run_silence_seconds', 'How long the oldest run waits that is admitted and of whose workflow nothing was heard', [], async () => [[{}, await silence()]]);

  const approvals = asked(() => countOpenApprovals(deps.pool));
  gauge('datamcp_approvals_open', 'Requests for a decision that are not final, by status', ['status'], async () => byStatus(await approvals()));

  registerQueues(deps, gauge);
  registerNotices(deps, gauge);
}

function registerQueues(deps: Dependencies, gauge: ReturnType<typeof gaugesOf>): void {
  const queues = asked(() => listQueues(deps));
  const of = (measure: (queue: QueueState) => number) => async () => (await queues()).map((queue) => [{ queue: queue.name, kind: queue.kind }, measure(queue)] as const);
  const labels = ['queue', 'kind'];
  gauge('datamcp_queue_backlog', 'Tasks of a Temporal task queue that nobody has taken yet, about', labels, of(({ backlog }) => backlog));
  gauge('datamcp_queue_backlog_age_seconds', 'Age of the oldest of these', labels, of(({ backlogAgeMs }) => backlogAgeMs / 1_000));
  gauge('datamcp_queue_pollers', 'Worker processes that asked a task queue for work in the last minutes', labels, of(({ pollers }) => pollers.length));
}

/** Mails and calls of webhooks about approvals that are not delivered yet. Of webhooks only those are shown for which something waits. */
function registerNotices({ pool }: Dependencies, gauge: ReturnType<typeof gaugesOf>): void {
  const noMails = { channel: 'mail', count: 0, seconds: 0 };
  const notices = asked(async () => [noMails, ...await countWaitingNotices(pool)]);
  gauge('datamcp_notices_waiting', 'Notices of approvals that wait to be delivered, by channel', ['channel'], async () =>
    (await notices()).map(({ channel, count }) => [{ channel }, count]));
  gauge('datamcp_notice_age_seconds', 'Age of the oldest of these', ['channel'], async () => (await notices()).map(({ channel, seconds }) => [{ channel }, seconds]));
}

const byStatus = (counts: ReadonlyMap<string, number>): Samples => [...counts].map(([status, count]) => [{ status }, count]);

const asked = <T>(ask: () => Promise<T>): (() => Promise<T>) => recent(keptMs, () => inTime(ask));

const gaugesOf = ({ logger, metrics: { registry } }: Dependencies) => (name: string, help: string, labelNames: string[], sample: () => Promise<Samples>): void => {
  new Gauge({
    name, help, labelNames, registers: [registry],
    async collect() {
      this.reset();
      // A reset leaves a gauge without labels at zero, which is more than is known.
      if (labelNames.length === 0) this.remove();
      const samples = await sample().catch((error: unknown) => {
        logger.debug('a metric could not be asked for', { metric: name, error });
        return [];
      });
      for (const [labels, value] of samples) this.set(labels, value);
    },
  });
};
