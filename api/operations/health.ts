import { secretKeys, unreadableSecrets } from '../../db/secrets';
import type { Dependencies } from '../dependencies';
import { describeQueue } from './queues';

export type Health = 'healthy' | 'degraded' | 'unhealthy';

export interface ComponentHealth {
  status: Health;
  /** Milliseconds that asking took. */
  latencyMs: number;
  detail: string | null;
}

const patienceMs = 2_000;

/** Asks a component, at most two seconds. @param broken what it means that it does not answer */
async function probe(broken: Health, ask: () => Promise<string | null>): Promise<ComponentHealth> {
  const startedAt = performance.now();
  const latency = (): number => Math.round(performance.now() - startedAt);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs); });
  try {
    const warning = await Promise.race([ask(), late]);
    return { status: warning === null ? 'healthy' : 'degraded', latencyMs: latency(), detail: warning };
  } catch (error) {
    return { status: broken, latencyMs: latency(), detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether requests can be accepted: that takes Postgres, with its schema, and nothing else. */
export const postgresHealth = ({ pool }: Dependencies): Promise<ComponentHealth> => probe('unhealthy', async () => {
  await pool.query('select 1 from runs limit 1');
  return null;
});

/** Without Temporal runs are still accepted; they start when it is back. */
export const temporalHealth = ({ temporal }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  await temporal.withDeadline(Date.now() + patienceMs, () => temporal.workflowService.getSystemInfo({}));
  return null;
});

const workersHealth = (deps: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  const { pollers } = await describeQueue(deps, deps.config.TEMPORAL_TASK_QUEUE, 'workflow');
  return pollers.length > 0 ? null : `no worker polls the task queue "${deps.config.TEMPORAL_TASK_QUEUE}"`;
});

const artifactsHealth = ({ files }: Dependencies): Promise<ComponentHealth> => probe('degraded', async () => {
  await files.contents.check();
  return null;
});

/** Tasks that need a secret whose key is missing fail; all others run. */
const secretsHealth = ({ config, pool }: Dependencies): Promise<ComponentHealth> =>
  probe('degraded', () => unreadableSecrets(pool, secretKeys(config)));

const worst = (all: Health[]): Health =>
  all.includes('unhealthy') ? 'unhealthy' : all.includes('degraded') ? 'degraded' : 'healthy';

/** Health of every component, and of the whole: that of the worst one. */
export async function healthOf(deps: Dependencies): Promise<{ status: Health; components: Record<string, ComponentHealth> }> {
  const [postgres, temporal, workers, artifacts, secrets] = await Promise.all([
    postgresHealth(deps), temporalHealth(deps), workersHealth(deps), artifactsHealth(deps), secretsHealth(deps),
  ]);
  return {
    status: worst([postgres, temporal, workers, artifacts, secrets].map(({ status }) => status)),
    components: { postgres, temporal, workers, artifacts, secrets },
  };
}
