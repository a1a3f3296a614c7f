import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../domain/errors';

/** What keys are used for: bytes that were sealed for one purpose never open for another. */
export type Purpose = 'secret' | 'payload' | 'session' | 'approval';

export interface Sealed {
  /** Which key it was sealed with. */
  keyId: string;
  /** Salt, nonce, tag and ciphertext. */
  bytes: Buffer;
}

const algorithm = 'aes-256-gcm';
const size = { key: 32, salt: 16, nonce: 12, tag: 16 } as const;
const overhead = size.salt + size.nonce + size.tag;
const shownIdLength = 16;

/** A name for a key that says nothing about it: the key has 256 random bits, so nobody finds it by trying. */
const keyIdOf = (key: Buffer): string => createHash('sha256').update('datamcp key id').update(key).digest('hex').slice(0, shownIdLength);

/**
 * Seals bytes by AES-256-GCM (NIST SP 800-38D) with one of several keys: the first one seals, all of them open.
 * Each piece gets a key of its own, derived from a random salt (HKDF, RFC 5869): with random nonces alone, one key would
 * be good for some four billion pieces only.
 */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, Buffer>;
  /** Id of the key that seals; undefined when there is none. */
  readonly currentId: string | undefined;

  /** @param keys of 32 bytes, the newest first */
  constructor(private readonly purpose: Purpose, keys: readonly Buffer[]) {
    this.keys = new Map(keys.map((key) => [keyIdOf(key), key]));
    [this.currentId] = this.keys.keys();
  }

  has(keyId: string): boolean {
    return this.keys.has(keyId);
  }

  /**
   * @param context what the bytes belong to: they open only where the same is said
   * @throws AppError `key_missing` when there is no key at all
   */
  seal(plain: Uint8Array, context: string): Sealed {
    if (this.currentId === undefined) throw new AppError('key_missing', `There is no key to encrypt with: an operator sets ${variableOf[this.purpose]}`);
    const salt = randomBytes(size.salt);
    const nonce = randomBytes(size.nonce);
    const cipher = createCipheriv(algorithm, this.derive(this.currentId, salt), nonce);
    cipher.setAAD(Buffer.from(context));
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    return { keyId: this.currentId, bytes: Buffer.concat([salt, nonce, cipher.getAuthTag(), text]) };
  }

  /** @throws AppError `key_missing`, `decryption_failed` when the bytes, their context or the key are not those of the seal */
  open({ keyId, bytes }: Sealed, context: string): Buffer {
    const salt = bytes.subarray(0, size.salt);
    const nonce = bytes.subarray(size.salt, size.salt + size.nonce);
    const key = this.derive(keyId, salt);
    try {
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: size.tag });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(size.salt + size.nonce, overhead));
      return Buffer.concat([decipher.update(bytes.subarray(overhead)), decipher.final()]);
    } catch (cause) {
      throw new AppError('decryption_failed', `What was encrypted with key ${keyId} cannot be decrypted: it was altered, or belongs elsewhere`, { cause });
    }
  }

  private derive(keyId: string, salt: Buffer): Buffer {
    const key = this.keys.get(keyId);
    if (key === undefined) throw new AppError('key_missing', `${keyId === '' ? 'A key that it does not name' : `Key ${keyId}`} is needed to decrypt this, and ${variableOf[this.purpose]} does not hold it`);
    return Buffer.from(hkdfSync('sha256', key, salt, `datamcp ${this.purpose}`, size.key));
  }
}

const variableOf: Record<Purpose, string> = {
  secret: 'DATAMCP_SECRETS_KEY',
  payload: 'DATAMCP_PAYLOAD_KEYS',
  session: 'DATAMCP_PAYLOAD_KEYS',
  approval: 'DATAMCP_SECRETS_KEY',
};
