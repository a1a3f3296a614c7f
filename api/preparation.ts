import { v7 as uuidv7 } from 'uuid';
import { insertKey } from '../db/keys';
import { makeReady } from '../db/readiness';
import { makePool } from '../platform/postgres';
import { hashKey, shownPrefix } from './auth';
import type { Dependencies } from './dependencies';

/**
 * Brings the schema up to date, and makes the bootstrap key usable. From then on requests are accepted.
 * @throws AppError `conflict`, `key_missing`: see `makeReady`
 */
export async function prepareDatabase(deps: Pick<Dependencies, 'config' | 'pool' | 'logger' | 'database'>): Promise<void> {
  // A pool of its own, because a migration may take longer than a query of a request may.
  const pool = makePool({ ...deps.config, DATAMCP_DATABASE_POOL: 1 }, deps.logger);
  const applied = await makeReady(deps.config, pool).finally(() => pool.end());
  if (applied.length > 0) deps.logger.info('migrated the database', { applied });
  await addBootstrapKey(deps);
  deps.database.prepared = true;
}

/** The first admin key. Once revoked it stays so: the configuration that still names it does not bring it back. */
async function addBootstrapKey({ config, pool }: Pick<Dependencies, 'config' | 'pool'>): Promise<void> {
  const key = config.DATAMCP_BOOTSTRAP_ADMIN_KEY;
  if (key === undefined) return;
  await insertKey(pool, {
    id: uuidv7(), hash: hashKey(key), prefix: shownPrefix(key), subject: { type: 'user', name: 'admin' },
    roles: ['admin'], groups: [], createdBy: 'bootstrap', expiresAt: null,
  });
}
