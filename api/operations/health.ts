import { errorMessage } from '../../domain/errors';
import { diskRoom } from '../../domain/disk-room';
import { secretKeys, unreadableSecrets } from '../../db/secrets';
import { oldestSilentRun } from '../../db/operations';
import { Mailer } from '../../platform/mail';
import type { Queryable } from '../../platform/postgres';
import type { Dependencies } from '../dependencies';
import { inTime, patienceMs } from './patience';
import { describeQueue, type QueueState } from './queues';

export type Health = 'healthy' | 'degraded' | 'unhealthy';

export interface ComponentHealth {
  status: Health;
  /** Milliseconds that asking took. */
  latencyMs: number;
  /** What is wrong; or what is worth knowing all the same. */
  detail: string | null;
}

/** What a component that answered has to say. */
type Answer = Pick<ComponentHealth, 'status' | 'detail'>;

const fine = (detail: string | null = null): Answer => ({ status: 'healthy', detail });
const warning = (detail: string): Answer => ({ status: 'degraded', detail });

/** A worker asks Temporal for work once a minute at least, and Temporal remembers it for five. */
const silentPollerMs = 90_000;
/** What happens is to be seen within a second; this is no load peak any more. */
const longestLagMs = 5_000;
/** An admitted run shows a sign of life within seconds, unless all workers are busy or gone. */
const longestSilenceSeconds = 30;

/** Asks a component, at most two seconds. @param broken what it means that it does not answer */
async function probe(broken: Health, ask: () => Promise<Answer>): Promise<ComponentHealth> {
  const startedAt = performance.now();
  const latency = (): number => Math.round(performance.now() - startedAt);
  try {
    return { ...await inTime(ask), latencyMs: latency() };
  } catch (error) {
    return { status: broken, latencyMs: latency(), detail: errorMessage(error) };
  }
}

/** Whether requests can be accepted: that takes a Postgres that writes, with its schema, and nothing else. */
export const postgresHealth = ({ pool }: { pool: Queryable }): Promise<ComponentHealth> => probe('unhealthy', async () => {
  const { rows: [found] } = await pool.query<{ takesWrites: boolean }>(
    `select current_setting('transaction_read_only') = 'off' as "takesWrites", exists (select from runs) as "hasSchema"`);
  if (found?.takesWrites !== true) throw new Error('it takes no writes: it is a standby, or was made read-only');
  return fine();
});

/** Without Temporal runs are still accepted; they start when it is back. */
export const temporalHealth = ({ temporal }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  await temporal.withDeadline(Date.now() + patienceMs, () => temporal.workflowService.getSystemInfo({}));
  return fine();
});

const secondsAgo = (at: Date): string => `${Math.max(0, Math.round((Date.now() - at.getTime()) / 1_000))} s ago`;

/** Without a worker runs are accepted, and wait. */
const workersHealth = (deps: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const queue = deps.config.TEMPORAL_TASK_QUEUE;
  const polledAt = lastPolledAt(await describeQueue(deps, queue, 'workflow'));
  const heardAt = deps.workers.lastHeardAt();
  const [seenAt] = [polledAt, heardAt].filter((at) => at !== null).sort((a, b) => b.getTime() - a.getTime());
  if (!seenAt) return warning(`no worker polls the task queue "${queue}"`);
  if (Date.now() - seenAt.getTime() > silentPollerMs) return warning(`no worker polls the task queue "${queue}"; the last one was seen ${secondsAgo(seenAt)}`);
  return fine(`last seen ${secondsAgo(seenAt)}`);
});

function lastPolledAt({ pollers }: QueueState): Date | null {
  const newest = pollers.flatMap(({ lastSeenAt }) => lastSeenAt ?? []).sort().at(-1);
  return newest === undefined ? null : new Date(newest);
}

const artifactsHealth = ({ files }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const { freeBytes } = await files.contents.check(AbortSignal.timeout(patienceMs));
  if (freeBytes === null || freeBytes >= diskRoom.tooLittle) return fine();
  return warning(`its disk is nearly full: ${Math.floor(freeBytes / 1024 ** 2)} MiB are left`);
});

/** Tasks that send mail fail while it is away, and are retried by their rules. */
const mailHealth = ({ config }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  if (config.SMTP_URL === undefined) return fine('not configured: email.send fails until SMTP_URL is set');
  await new Mailer(config).check(patienceMs);
  return fine();
});

/** Tasks that need a secret whose key is missing fail; all others run. */
const secretsHealth = ({ config, pool }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const trouble = await unreadableSecrets(pool, secretKeys(config));
  if (trouble !== null) return warning(trouble);
  return fine(config.DATAMCP_SECRETS_KEY.length > 0 ? null : 'not configured: approvals and secrets over the API are refused until DATAMCP_SECRETS_KEY is set');
});

/** How late readers learn of what happens: as the workers measure it, and as a run shows of which nothing is heard. */
const readModelHealth = ({ pool, workers }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const silence = await oldestSilentRun(pool);
  if (silence > longestSilenceSeconds) return warning(`a run was admitted ${Math.round(silence)} s ago, and nothing was heard of it`);
  const lags = workers.current().flatMap(({ lagMs }) => lagMs ?? []);
  const lagMs = Math.max(0, ...lags);
  if (lagMs > longestLagMs) return warning(`what happens is seen ${(lagMs / 1_000).toFixed(1)} s late`);
  return fine(lags.length === 0 ? null : `what happens is seen within ${lagMs} ms`);
});

/** Tasks that call these hosts wait; nothing is wrong with the product. */
const circuitsHealth = ({ workers }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const hosts = [...new Set(workers.current().flatMap(({ circuits }) => circuits.map(({ host }) => host)))].sort();
  return hosts.length === 0 ? fine() : warning(`calls are held back from ${hosts.join(', ')}`);
});

const components = {
  postgres: postgresHealth, temporal: temporalHealth, workers: workersHealth, artifacts: artifactsHealth, mail: mailHealth,
  secrets: secretsHealth, readModel: readModelHealth, circuits: circuitsHealth,
} as const;

const worst = (all: Health[]): Health =>
  all.includes('unhealthy') ? 'unhealthy' : all.includes('degraded') ? 'degraded' : 'healthy';

/** Health of every component, and of the whole: that of the worst one. */
export async function healthOf(deps: Dependencies): Promise<{ status: Health; components: Record<string, ComponentHealth> }> {
  const asked = await Promise.all(Object.entries(components).map(async ([name, ask]) => [name, await ask(deps)] as const));
  return { status: worst(asked.map(([, { status }]) => status)), components: Object.fromEntries(asked) };
}
