import { z } from 'zod';
import type { Config } from '../../platform/config';
import { KeyRing } from '../../platform/encryption';

const cookieName = 'datamcp_codec';
const context = 'codec session';
const lifetimeMs = 8 * 3_600_000;
const contentSchema = z.object({ keyId: z.uuid(), expiresAtMs: z.number() });

/**
 * What a browser shows instead of a key when the Temporal UI asks it for payloads: which key signed in, and until when,
 * sealed with the payload keys, so that every API process knows it and no browser keeps a key.
 */
export class CodecSessions {
  private readonly keys: KeyRing;

  constructor(private readonly config: Pick<Config, 'DATAMCP_PAYLOAD_KEYS' | 'DATAMCP_ENV'>) {
    this.keys = new KeyRing('session', config.DATAMCP_PAYLOAD_KEYS);
  }

  /** The cookie of a new session. It goes to /codec alone, to no script, and not along with what other sites ask for. */
  open(keyId: string, now: Date): { cookie: string; expiresAt: Date } {
    const expiresAt = new Date(now.getTime() + lifetimeMs);
    const sealed = this.keys.seal(Buffer.from(JSON.stringify({ keyId, expiresAtMs: expiresAt.getTime() })), context);
    const secure = this.config.DATAMCP_ENV === 'production' ? '; Secure' : '';
    return {
      cookie: `${cookieName}=${sealed.keyId}.${sealed.bytes.toString('base64url')}; Path=/codec; HttpOnly; SameSite=Strict; Max-Age=${lifetimeMs / 1_000}${secure}`,
      expiresAt,
    };
  }

  /** The id of the key that signed in, from a header `Cookie`; undefined when there is no session, or none any more. */
  keyIdOf(cookies: string | undefined, now: Date): string | undefined {
    const [, sealedWith, bytes] = new RegExp(`(?:^|; *)${cookieName}=(\\w+)\\.([\\w-]+)`).exec(cookies ?? '') ?? [];
    if (sealedWith === undefined || bytes === undefined) return undefined;
    try {
      const content = contentSchema.parse(JSON.parse(this.keys.open({ keyId: sealedWith, bytes: Buffer.from(bytes, 'base64url') }, context).toString('utf8')));
      return content.expiresAtMs > now.getTime() ? content.keyId : undefined;
    } catch {
      // Altered, or sealed with a key that is gone: the same as none.
      return undefined;
    }
  }
}
