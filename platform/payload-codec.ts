import { join } from 'node:path';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { encryptedEncoding, isKeyId, keyIdField } from '../domain/encrypted-payload';
import { AppError, failureText } from '../domain/errors';
import type { Config } from './config';
import { KeyRing } from './encryption';

const { Payload: ProtoPayload } = temporal.api.common.v1;
const context = 'temporal payload';
const textOf = (bytes: Uint8Array | null | undefined): string => (bytes ? Buffer.from(bytes).toString('utf8') : '');
const keyIdOf = ({ metadata }: Payload): string => textOf(metadata?.[keyIdField]);

/**
 * Encrypts what Temporal keeps: inputs, results, signals, failures. Whatever is not encrypted by us passes as it is, so
 * that runs which were open before encryption was turned on go on.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: KeyRing) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { keyId, bytes } = this.keys.seal(ProtoPayload.encode(payload).finish(), context);
      return { metadata: { encoding: Buffer.from(encryptedEncoding), [keyIdField]: Buffer.from(keyId) }, data: bytes };
    });
  }

  /** @throws AppError `key_missing`, `decryption_failed` */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (textOf(payload.metadata?.['encoding']) !== encryptedEncoding) return payload;
      const keyId = keyIdOf(payload);
      const { metadata, data } = ProtoPayload.decode(this.keys.open({ keyId, bytes: Buffer.from(payload.data ?? []) }, context));
      return { metadata, data };
    });
  }
}

/**
 * For workers: what no key opens is given on as it came, so that a signal of that kind is refused and stops nothing. For
 * a key that the worker lacks it waits: it may be given it yet.
 */
class TolerantCodec implements PayloadCodec {
  constructor(private readonly strict: EncryptionCodec) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return this.strict.encode(payloads);
  }

  /** @throws AppError `key_missing` */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map(async (payload) => {
      const [decoded = payload] = await this.strict.decode([payload]).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'key_missing' && isKeyId(keyIdOf(payload))) throw error;
        // Whoever fails over this encoding says it, and so why.
        return [{ ...payload, metadata: { ...payload.metadata, encoding: Buffer.from(`${encryptedEncoding} (${failureText(error)})`) } }];
      });
      return decoded;
    }));
  }
}

type Keys = Pick<Config, 'DATAMCP_PAYLOAD_KEYS'>;

export const encryptsPayloads = ({ DATAMCP_PAYLOAD_KEYS: keys }: Keys): boolean => keys.length > 0;

export const payloadCodec = ({ DATAMCP_PAYLOAD_KEYS: keys }: Keys): EncryptionCodec => new EncryptionCodec(new KeyRing('payload', keys));

/** Module that says how failures are converted when payloads are encrypted; the workflow bundle takes it in, too. */
export const encryptedFailures = join(__dirname, 'encrypted-failures');

/** What clients and replays are told of payloads. Without keys nothing, and then it costs nothing. */
export const dataConverterOf = (config: Keys): { dataConverter?: DataConverter } => converterWith(config, payloadCodec);
export const workerDataConverterOf = (config: Keys): { dataConverter?: DataConverter } => converterWith(config, (keys) => new TolerantCodec(payloadCodec(keys)));

const converterWith = (config: Keys, codecOf: (keys: Keys) => PayloadCodec): { dataConverter?: DataConverter } =>
  (encryptsPayloads(config) ? { dataConverter: { payloadCodecs: [codecOf(config)], failureConverterPath: encryptedFailures } } : {});
