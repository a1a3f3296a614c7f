import { Router } from 'express';
import type { Dependencies } from '../dependencies';
import { requestState } from '../request-state';
import { postgresHealth, temporalHealth, type Health } from './health';

/** The only two calls without a key, for whoever starts and routes to processes: they tell nothing but up or down. */
export function openRoutes(deps: Dependencies): Router {
  const router = Router();
  const readiness = shared(() => readinessOf(deps));
  router.get('/livez', (_request, response) => {
    requestState(response).route = '/livez';
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    requestState(response).route = '/readyz';
    const { ready, components } = await readiness();
    response.status(ready ? 200 : 503).set(ready ? {} : { 'Retry-After': '2' }).json({ status: ready ? 'ready' : 'not ready', components });
  });
  return router;
}

async function readinessOf(deps: Dependencies): Promise<{ ready: boolean; components: Record<string, Health> }> {
  const [postgres, temporal] = await Promise.all([postgresHealth(deps), temporalHealth(deps)]);
  const ready = postgres.status === 'healthy' && deps.database.prepared && !deps.stopping.aborted;
  return { ready, components: { postgres: postgres.status, temporal: temporal.status } };
}

/** Those who ask while the answer is on its way get the same one: without a key, nobody puts load on what is behind. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => (asking ??= ask().finally(() => { asking = undefined; }));
}
