import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import { AppError } from '../domain/errors';
import { findUsableKey, isUsableKey, type KeyRow } from '../db/keys';
import { isPostgresDown, type Pool } from '../platform/postgres';
import { shareCalls } from '../platform/shared-calls';
import { requestState } from './request-state';

/** Who makes a request: the subject of its key. */
export interface Caller {
  keyId: string;
  name: string;
  subject: KeyRow['subject'];
  roles: string[];
  groups: string[];
  expiresAt: Date | null;
  /** Signs what only the holder of this key may get back; the key itself is never kept. */
  sign(text: string): Buffer;
}

export const keyPrefix = 'dmcp_';

/** A new key: 256 random bits behind a prefix that secret scanners can look for. */
export const newKeySecret = (bits: Buffer = randomBytes(32)): string => keyPrefix + bits.toString('base64url');

/** The beginning of a key, by which people tell keys apart. */
export const shownPrefix = (key: string): string => key.slice(0, 12);

/** A key has 256 random bits, so one round of sha256 is enough: nobody can try them all. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/**
 * The key of a request: `Bearer <key>`, or, for reading only, HTTP Basic with the key as password, so that a browser
 * can open the docs and artifacts. A browser repeats Basic credentials by itself, also for a form of another site,
 * therefore they never change anything. Keys in addresses end up in logs and are not looked at.
 */
function presentedKey(request: Request): string | undefined {
  const [, scheme, credentials] = /^(\w+) +(\S+)$/.exec(request.get('authorization') ?? '') ?? [];
  if (credentials === undefined) return undefined;
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'basic': {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
      const pair = Buffer.from(credentials, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
    default:
      return undefined;
  }
}

/** For how long a key that was good a moment ago is believed while Postgres cannot be asked (health, metrics). */
const rememberedForMs = 5 * 60_000;

export interface Authenticator {
  /** Looks up the caller of a request by the hash of its key. A revoked key stops working at once, for all processes. */
  callerOf: (request: Request) => Promise<Caller>;
  /** Whether the key of a request was good a moment ago. */
  isKnown: (request: Request) => boolean;
}

export function makeAuthenticator(pool: Pool): Authenticator {
  const seen = new LRUCache<string, KeyRow>({ max: 1_000, ttl: rememberedForMs });
  // A client with many connections has one key: its requests that come together ask Postgres once.
  const lookUp = shareCalls(async (remembered: string): Promise<KeyRow | undefined> => {
    const hash = Buffer.from(remembered, 'hex');
    try {
      const row = await findUsableKey(pool, hash);
      const found = row && timingSafeEqual(row.hash, hash) ? row : undefined;
      if (found) seen.set(remembered, found);
      else seen.delete(remembered);
      return found;
    } catch (error) {
      const known = isPostgresDown(error) ? seen.get(remembered) : undefined;
      if (known && (known.expiresAt === null || known.expiresAt > new Date())) return known;
      throw error;
    }
  });
  const callerOf = async (request: Request): Promise<Caller> => {
    const key = presentedKey(request);
    const row = key === undefined ? undefined : await lookUp(hashKey(key).toString('hex'));
    if (key === undefined || !row) throw new AppError('auth.required', 'A valid key is needed: Authorization: Bearer <key>.');
    const { id: keyId, subject, roles, groups, expiresAt } = row;
    const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
    return { keyId, name: subject.name, subject, roles, groups, expiresAt, sign };
  };
  const isKnown = (request: Request): boolean => {
    const key = presentedKey(request);
    return key !== undefined && seen.has(hashKey(key).toString('hex'));
  };
  return { callerOf, isKnown };
}

/** Lets nobody pass without a valid key; stands before everything that is not open. */
export function requireKey({ callerOf }: Pick<Authenticator, 'callerOf'>): RequestHandler {
  return async (request, response, next) => {
    // A session of the codec has said already who calls.
    requestState(response).caller ??= await callerOf(request);
    next();
  };
}

/** For what goes on after a request has passed: it must not outlive the key. @throws AppError `auth.required` */
export async function refuseEndedKey(pool: Pool, { keyId }: Pick<Caller, 'keyId'>): Promise<void> {
  if (!(await isUsableKey(pool, keyId))) throw new AppError('auth.required', 'The key has expired, or was revoked.');
}
