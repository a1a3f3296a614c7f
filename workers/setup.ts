import { catalogueOf, loadProcessors } from '../activities/processors/plugins';
import { publishCatalogue } from '../db/processors';
import { makeReady } from '../db/readiness';
import { failureText } from '../domain/errors';
import { loadConfig } from '../platform/config';
import { makeLogger } from '../platform/logger';
import { makePool } from '../platform/postgres';
import { makeTemporalClient, prepareNamespace } from '../platform/temporal';

/**
 * Brings Postgres and Temporal to what this version needs, and ends: schema, catalogue, namespace, search attributes.
 * API and workers do it as well when they start. As a step of its own before them, a deployment sees whether it
 * succeeded before it replaces anything. Repeating it changes nothing.
 */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = makeLogger(config.LOG_LEVEL, 'setup');
  const processors = await loadProcessors(config.DATAMCP_PLUGINS);
  const pool = makePool(config, logger);
  const client = makeTemporalClient(config);
  try {
    const applied = await makeReady(config, pool);
    await publishCatalogue(pool, catalogueOf(processors));
    await prepareNamespace(client);
    logger.info('Postgres and Temporal are ready', { migrations: applied, namespace: config.TEMPORAL_NAMESPACE });
  } finally {
    await Promise.all([pool.end(), client.connection.close()]);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
});
