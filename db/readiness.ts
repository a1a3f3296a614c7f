import { AppError, type ErrorCode } from '../domain/errors';
import type { Config } from '../platform/config';
import type { Pool } from '../platform/postgres';
import { migrate } from './migrate';
import { requireSecretKeys } from './secrets';

/**
 * Brings the schema up to date, and sees that what it holds can be read.
 * @returns names of the migrations that were applied now
 * @throws AppError `conflict` when database and files of migrations do not fit, `key_missing` in production
 */
export async function makeReady(config: Pick<Config, 'DATAMCP_ENV' | 'DATAMCP_SECRETS_KEY'>, pool: Pool): Promise<string[]> {
  const applied = await migrate(pool);
  await requireSecretKeys(config, pool);
  return applied;
}

const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['conflict', 'key_missing']);

/** Whether waiting does not mend what keeps a process from getting ready: it ends then, so that somebody looks. */
export const isHopeless = (error: unknown): boolean => error instanceof AppError && hopeless.has(error.code);
