import { z } from 'zod';
import { AppError, errorMessage } from '../../domain/errors';
import { recordAudit } from '../../db/audit';
import { deleteConnection, findConnection, putConnection, storedConnections, type ConnectionRow } from '../../db/connections';
import { makeSecrets } from '../../db/secrets';
import { connectionName, type ConnectionSettings } from '../../platform/connection-settings';
import { Connections } from '../../platform/connections';
import { transaction } from '../../platform/postgres';
import type { Dependencies } from '../dependencies';
import type { Call } from '../route';
import { parseOrRefuse } from '../validation';
import type { connectionSchema, connectionTestSchema } from './schemas';

type Named = { name: string };
type TestResult = z.output<typeof connectionTestSchema>;

export const connectionView = (row: ConnectionRow): z.output<typeof connectionSchema> =>
  ({ ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() });

export const noConnection = (name: string): AppError => new AppError('not_found', `No connection "${name}" was made over the API.`);

/** Makes a connection, or leads it elsewhere. @throws AppError `request.invalid` */
export function setConnection(call: Call<Named, unknown, ConnectionSettings>): Promise<{ made: boolean; row: ConnectionRow }> {
  const { body: settings, by, deps } = call;
  const { name } = parseOrRefuse(z.object({ name: connectionName }), call.params);
  return transaction(deps.pool, async (client) => {
    const before = await findConnection(client, name);
    const row = await putConnection(client, { name, settings, by: by.name });
    const { kind, host, port, database, user } = settings;
    await recordAudit(client, by, { action: 'connection.set', target: `connection/${name}`, data: { kind, host, port, database, user } });
    return { made: before === undefined, row };
  });
}

/** @throws AppError `not_found` */
export function removeConnection({ params: { name }, by, deps }: Call<Named, unknown, unknown>): Promise<ConnectionRow> {
  return transaction(deps.pool, async (client) => {
    const row = await deleteConnection(client, name);
    if (!row) throw noConnection(name);
    await recordAudit(client, by, { action: 'connection.delete', target: `connection/${name}` });
    return row;
  });
}

const testTimeoutMs = 12_000;

/**
 * Connects anew and asks the server something, as a task would, seen from this process. What goes wrong is the result.
 * @throws AppError `not_found`
 */
export async function testConnection({ config, pool }: Dependencies, name: string): Promise<TestResult> {
  if (await findConnection(pool, name) === undefined) throw noConnection(name);
  const secrets = makeSecrets(config, pool);
  const connections = new Connections({}, { stored: storedConnections(pool), secrets });
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - startedAt);
  try {
    await connections.withPostgres(name, AbortSignal.timeout(testTimeoutMs), (client) => client.query('select 1'));
    return { ok: true, latencyMs: latencyMs(), error: null };
  } catch (error) {
    const { code, message, retryable } = error instanceof AppError ? error
      : new AppError('connection_failed', `connection "${name}" gave no answer: ${errorMessage(error)}`, { retryable: true });
    return { ok: false, latencyMs: latencyMs(), error: { code, message: secrets.mask.text(message), retryable } };
  } finally {
    await connections.close();
  }
}
