import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { AppError } from '../../domain/errors';
import { recordAudit } from '../../db/audit';
import { findKey, insertKey, revokeKey, type KeyRow } from '../../db/keys';
import { transaction, type PoolClient } from '../../platform/postgres';
import { hashKey, newKeySecret, shownPrefix } from '../auth';
import { idempotencyKeyOf } from '../headers';
import { invalidRequest } from '../json-guard';
import type { Call } from '../route';
import type { createdKeySchema, keySchema, newKeySchema } from './schemas';

type NewKey = z.output<typeof newKeySchema>;

export const keyView = (row: KeyRow): z.output<typeof keySchema> => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

/**
 * The secret of a key that is about to be made. With an Idempotency-Key it follows from that and the caller's own key:
 * a repetition can then be told the same secret, although only its hash was kept.
 */
export function secretFor(call: Call<unknown, unknown, unknown>): string {
  const key = idempotencyKeyOf(call.request);
  if (key === undefined) return newKeySecret();
  const asked = createHash('sha256').update(JSON.stringify(call.body)).digest('hex');
  return newKeySecret(call.caller.sign(`new key\n${key}\n${asked}`));
}

/** Makes a key. @throws AppError `request.invalid` when it would be expired from the start */
export async function createKey(
  client: PoolClient, call: Call<unknown, unknown, NewKey>, secret: string, now: Date,
): Promise<z.output<typeof createdKeySchema>> {
  const { subject, roles, groups } = call.body;
  const expiresAt = call.body.expiresAt === undefined ? null : new Date(call.body.expiresAt);
  if (expiresAt && expiresAt <= now) throw invalidRequest([{ code: 'in_the_past', message: 'is in the past', path: '/expiresAt' }]);
  const id = uuidv7();
  await insertKey(client, {
    id, hash: hashKey(secret), prefix: shownPrefix(secret), subject, roles, groups,
    createdBy: call.caller.name, expiresAt,
  });
  await recordAudit(client, call.by, { action: 'key.create', target: `key/${id}`, data: { subject: subject.name, roles, groups } });
  const row = await findKey(client, id);
  if (!row) throw new AppError('conflict', 'This key was made before, under an Idempotency-Key that has been forgotten. Use a new one.');
  return { ...keyView(row), key: secret };
}

/** Revokes a key at once. @throws AppError `not_found` */
export async function endKey(call: Call<{ id: string }, unknown, unknown>): Promise<z.output<typeof keySchema>> {
  const { id } = call.params;
  return transaction(call.deps.pool, async (client) => {
    const row = await revokeKey(client, id);
    if (!row) throw new AppError('not_found', `There is no key ${id}.`);
    await recordAudit(client, call.by, { action: 'key.revoke', target: `key/${id}` });
    return keyView(row);
  });
}
