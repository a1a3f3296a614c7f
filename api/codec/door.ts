import type { RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors';
import { findKey } from '../../db/keys';
import { encryptsPayloads } from '../../platform/payload-codec';
import type { Caller } from '../auth';
import type { Dependencies } from '../dependencies';
import { requestState } from '../request-state';
import { CodecSessions } from './session';

/**
 * Lets the Temporal UI, which is another origin, call /codec from a browser: answers its preflights, and takes the
 * cookie of a session for a key. Stands before the check of keys; what the key may do is checked after it as always.
 */
export function codecDoor({ config, pool }: Pick<Dependencies, 'config' | 'pool'>): RequestHandler {
  const origin = config.TEMPORAL_UI_URL === undefined ? undefined : new URL(config.TEMPORAL_UI_URL).origin;
  const sessions = new CodecSessions(config);
  return async (request, response, next) => {
    if (!encryptsPayloads(config) || origin === undefined || request.get('origin') !== origin) return next();
    allow(origin, response);
    if (request.method === 'OPTIONS') {
      requestState(response).route = '/codec';
      response.status(204).end();
      return;
    }
    const keyId = request.get('authorization') === undefined ? sessions.keyIdOf(request.get('cookie'), new Date()) : undefined;
    if (keyId !== undefined && request.method === 'POST') await enter(keyId, response, pool);
    next();
  };
}

function allow(origin: string, response: Response): void {
  response.set({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Namespace',
    'Access-Control-Max-Age': '600',
  }).vary('Origin');
}

/** The key is looked up with each call: one that was revoked opens nothing, session or not. */
async function enter(keyId: string, response: Response, pool: Dependencies['pool']): Promise<void> {
  const row = await findKey(pool, keyId);
  if (!row || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= new Date())) return;
  const { subject, roles, groups, expiresAt } = row;
  const caller: Caller = {
    keyId, name: subject.name, subject, roles, groups, expiresAt,
    sign: () => { throw new AppError('auth.forbidden', 'A session signs nothing: use the key.'); },
  };
  requestState(response).caller = caller;
}
