import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { recordAudit } from '../../db/audit';
import { deleteSecret, putSecret, resealSecrets, secretKeys, secretsByKey, type SecretRow } from '../../db/secrets';
import { secretName } from '../../platform/connection-settings';
import { transaction } from '../../platform/postgres';
import type { Call } from '../route';
import { parseOrRefuse } from '../validation';
import type { newSecretSchema, rotationSchema, secretSchema } from './schemas';

type Named = { name: string };

export const secretView = (row: SecretRow): z.output<typeof secretSchema> => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  usedAt: row.usedAt?.toISOString() ?? null,
});

/** Sets a secret. @throws AppError `request.invalid`, `key_missing` while no key is configured */
export function setSecret(call: Call<Named, unknown, z.output<typeof newSecretSchema>>): Promise<SecretRow> {
  const { body: { value }, by, deps } = call;
  const { name } = parseOrRefuse(z.object({ name: secretName }), call.params);
  return transaction(deps.pool, async (client) => {
    const row = await putSecret(client, secretKeys(deps.config), { name, value, by: by.name });
    await recordAudit(client, by, { action: 'secret.set', target: `secret/${name}`, data: { version: row.version, keyId: row.keyId } });
    return row;
  });
}

/** @throws AppError `not_found` */
export function removeSecret({ params: { name }, by, deps }: Call<Named, unknown, unknown>): Promise<SecretRow> {
  return transaction(deps.pool, async (client) => {
    const row = await deleteSecret(client, name);
    if (!row) throw noSecret(name);
    await recordAudit(client, by, { action: 'secret.delete', target: `secret/${name}`, data: { version: row.version } });
    return row;
  });
}

export const noSecret = (name: string): AppError => new AppError('not_found', `No secret ${name} was set over the API.`);

const batchSize = 100;
/** So that a call ends; the next one goes on. */
const mostBatches = 100;

/**
 * Encrypts all secrets with the newest key, in batches: a call that breaks off has done some of it, and may be repeated.
 * @throws AppError `key_missing` while no key is configured
 */
export async function rotateSecrets({ by, deps }: Call<unknown, unknown, unknown>): Promise<z.output<typeof rotationSchema>> {
  const keys = secretKeys(deps.config);
  const keyId = keys.currentId;
  if (keyId === undefined) throw new AppError('key_missing', 'There is no key to encrypt with: an operator sets DATAMCP_SECRETS_KEY.');
  let encrypted = 0;
  for (let batch = 0; batch < mostBatches; batch += 1) {
    const done = await transaction(deps.pool, (client) => resealSecrets(client, keys, batchSize));
    encrypted += done;
    if (done < batchSize) break;
  }
  const others = (await secretsByKey(deps.pool)).filter((each) => each.keyId !== keyId);
  const left = others.map((each) => ({ keyId: each.keyId, secrets: each.count, keyMissing: !keys.has(each.keyId) }));
  await recordAudit(deps.pool, by, { action: 'secret.rotate', target: 'secrets', data: { keyId, encrypted } });
  return { keyId, encrypted, left };
}
