import { z } from 'zod';
import { parseJson } from '../domain/json';
import { AppError } from '../domain/errors';
import type { Config } from './config';
import { KeyRing } from './encryption';

const common = { person: z.string().min(1), /** Milliseconds since 1970. */ expiresAt: z.number() };

const schemas = {
  /** Of one act, made by the API for the workflow once it knows who asks. `act` is the SHA-256 of the text of that act, in hex. */
  act: z.strictObject({
    ...common, approval: z.uuid(), act: z.string(), channel: z.string(), address: z.string().nullable(), operator: z.boolean(), keyId: z.uuid().nullable(), requestId: z.string().nullable(), mark: z.string(),
  }),
  /** Of a person at Temporal's own tools, short-lived: it stays in the history of the workflow. */
  signal: z.strictObject({ ...common, approval: z.uuid() }),
  /** Of the link in a mail or in an inbox: opens the page of one request for one person, who knows this evidence. */
  review: z.strictObject({ ...common, approval: z.uuid(), evidenceHash: z.string(), channel: z.enum(['mail', 'inbox']) }),
  /** Of the link in a mail: what waits for one person. */
  inbox: z.strictObject(common),
};

export type TokenUse = keyof typeof schemas;
type Tokens = { [U in TokenUse]: z.infer<(typeof schemas)[U]> };
export type ApprovalToken<U extends TokenUse> = Tokens[U];
const schemaOf: { [U in TokenUse]: z.ZodType<Tokens[U]> } = schemas;

/** Marks a token, so that nobody takes it for an API key, and scanners for secrets find it. */
export const tokenPrefix = 'dmca_';

/** For how long a token of each use is good, in milliseconds. */
export const tokenLifetimeMs: Readonly<Record<TokenUse, number>> = {
  // An update that was sent while no worker ran is carried out when one does.
  act: 7 * 86_400_000,
  signal: 15 * 60_000,
  review: 7 * 86_400_000,
  inbox: 7 * 86_400_000,
};

/**
 * Tokens that say who decides. They are sealed (`KeyRing`), so that nobody makes or changes one, and nobody reads in a
 * history or a log whose it is.
 */
export class ApprovalTokens {
  private readonly keys: KeyRing;

  constructor({ DATAMCP_SECRETS_KEY: keys }: Pick<Config, 'DATAMCP_SECRETS_KEY'>) {
    this.keys = new KeyRing('approval', keys);
  }

  /** @throws AppError `key_missing` when the installation has no DATAMCP_SECRETS_KEY */
  seal<U extends TokenUse>(use: U, token: ApprovalToken<U>): string {
    const { keyId, bytes } = this.keys.seal(Buffer.from(JSON.stringify(token)), use);
    return `${tokenPrefix}${keyId}.${bytes.toString('base64url')}`;
  }

  /** What a token says; null when it is none of ours, of another use, altered, or was good before `now` only. */
  open<U extends TokenUse>(use: U, text: string, now: number): ApprovalToken<U> | null {
    const [, keyId, bytes] = tokenPattern.exec(text) ?? [];
    if (keyId === undefined || bytes === undefined) return null;
    const { data } = schemaOf[use].safeParse(this.unsealed(keyId, Buffer.from(bytes, 'base64url'), use));
    return data && data.expiresAt > now ? data : null;
  }

  private unsealed(keyId: string, bytes: Buffer, use: TokenUse): unknown {
    try {
      return parseJson(this.keys.open({ keyId, bytes }, use).toString());
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }
}

/**
 * Links, credentials and acts are all sealed: a request that is made without a key could never be decided.
 * @throws AppError `key_missing`
 */
export function requireApprovalKey({ DATAMCP_SECRETS_KEY: keys }: Pick<Config, 'DATAMCP_SECRETS_KEY'>): void {
  if (keys.length === 0) throw new AppError('key_missing', 'Nobody could ever decide it, because no link can be made: an operator sets DATAMCP_SECRETS_KEY, the same for the API and the workers.');
}

const tokenPattern = new RegExp(`^${tokenPrefix}([\\da-f]+)\\.([\\w-]+)$`);
