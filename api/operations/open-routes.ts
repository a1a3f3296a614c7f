import { Router } from 'express';
import type { Dependencies } from '../dependencies';
import { requestState } from '../request-state';
import { postgresHealth, temporalHealth } from './health';

/** The only two calls without a key, for whoever starts and routes to processes: they tell nothing but up or down. */
export function openRoutes(deps: Dependencies): Router {
  const router = Router();
  router.get('/livez', (_request, response) => {
    requestState(response).route = '/livez';
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    requestState(response).route = '/readyz';
    const [postgres, temporal] = await Promise.all([postgresHealth(deps), temporalHealth(deps)]);
    const ready = postgres.status === 'healthy' && deps.database.prepared && !deps.stopping.aborted;
    response.status(ready ? 200 : 503).set(ready ? {} : { 'Retry-After': '2' }).json({
      status: ready ? 'ready' : 'not ready',
      components: { postgres: postgres.status, temporal: temporal.status },
    });
  });
  return router;
}
