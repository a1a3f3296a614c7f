import { AppError } from '../../domain/errors';
import type { ApiClient } from '../client';
import { humanDuration } from '../time';
import type { HealthView, QueuesView } from '../wire';
import { fail, look, ok, warn, type Finding } from './finding';

const temporalAdvice = 'runs wait until it is back: look at the Temporal server and TEMPORAL_ADDRESS';

const postgresAdvice = 'nothing can be accepted or shown without it: look at the database and DATABASE_URL';

const advices: Record<string, string> = {
  postgres: postgresAdvice,
  temporal: temporalAdvice,
  workers: 'accepted runs wait: start a worker, and see that it has the same TEMPORAL_TASK_QUEUE and namespace',
  artifacts: 'tasks that read or save artifacts fail: see that DATAMCP_ARTIFACTS can be reached and written, and has room',
  mail: 'tasks that send mail fail: look at the mail server and SMTP_URL',
  secrets: 'tasks that need these secrets fail: give the API and the workers all keys that were in use (DATAMCP_SECRETS_KEY)',
  readModel: 'what is shown is behind, or a run does not begin: look at the load of Postgres and of the workers, and at their logs',
  circuits: 'tasks that call these hosts wait until one call succeeds: look at the hosts',
};

/** What the API says of each component, itself the nearest. */
export const health = (client: ApiClient): Promise<Finding[]> => look('health', async () => {
  const { components } = await client.get<Partial<HealthView>>('/health', { resultStatuses: [503] });
  // A key that was not used lately cannot even be looked up without Postgres: that is a refusal, and no report.
  if (components === undefined) return [fail('postgres', 'the API cannot reach it', postgresAdvice)];
  return Object.entries(components).map(([name, { status, detail }]) => {
    const next = advices[name] ?? 'the log of the API says more';
    switch (status) {
      case 'healthy': return ok(name, detail === null ? status : `${status}: ${detail}`);
      case 'degraded': return warn(name, detail ?? status, next);
      case 'unhealthy': return fail(name, detail ?? status, next);
    }
  });
});

/** What waits longer than this in a queue that somebody polls waits for a free slot. */
const longWaitMs = 60_000;

/** Null while Temporal is away: the API accepts runs all the same. */
async function queuesOf(client: ApiClient): Promise<QueuesView['items'] | null> {
  try {
    return (await client.get<QueuesView>('/v1/queues')).items;
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return null;
    throw error;
  }
}

/** Whether every task queue of the installation has somebody who works for it. */
export const queues = (client: ApiClient): Promise<Finding[]> => look('queues', async () => {
  const items = await queuesOf(client);
  return items === null ? [warn('queues', 'Temporal, which knows them, cannot be asked', temporalAdvice)] : items.map(({ name, kind, pollers, backlog, backlogAgeMs }) => {
    const label = `queue ${name}`;
    const what = kind === 'workflow' ? 'runs' : 'tasks';
    if (pollers.length === 0) return warn(label, `nobody polls it for ${what}; ${backlog} wait`, 'start a worker for this queue (TEMPORAL_TASK_QUEUE, DATAMCP_WORKER_QUEUES)');
    if (backlogAgeMs > longWaitMs) return warn(label, `${backlog} ${what} wait, the oldest for ${humanDuration(backlogAgeMs)}`, 'start more workers, or give them more slots (DATAMCP_WORKER_ACTIVITIES)');
    return ok(label, `${pollers.length} polling for ${what}, ${backlog} waiting`);
  });
});
