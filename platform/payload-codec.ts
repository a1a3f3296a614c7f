import { join } from 'node:path';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Config } from './config';
import { KeyRing } from './encryption';

const { Payload: ProtoPayload } = temporal.api.common.v1;
const encoding = 'binary/encrypted';
const context = 'temporal payload';
const textOf = (bytes: Uint8Array | null | undefined): string => (bytes ? Buffer.from(bytes).toString('utf8') : '');

/**
 * Encrypts what Temporal keeps: inputs, results, signals, failures. Whatever is not encrypted by us passes as it is, so
 * that runs which were open before encryption was turned on go on.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: KeyRing) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { keyId, bytes } = this.keys.seal(ProtoPayload.encode(payload).finish(), context);
      return { metadata: { encoding: Buffer.from(encoding), 'encryption-key-id': Buffer.from(keyId) }, data: bytes };
    });
  }

  /** @throws AppError `key_missing`, `decryption_failed` */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (textOf(payload.metadata?.['encoding']) !== encoding) return payload;
      const keyId = textOf(payload.metadata?.['encryption-key-id']);
      const { metadata, data } = ProtoPayload.decode(this.keys.open({ keyId, bytes: Buffer.from(payload.data ?? []) }, context));
      return { metadata, data };
    });
  }
}

type Keys = Pick<Config, 'DATAMCP_PAYLOAD_KEYS'>;

export const encryptsPayloads = ({ DATAMCP_PAYLOAD_KEYS: keys }: Keys): boolean => keys.length > 0;

export const payloadCodec = ({ DATAMCP_PAYLOAD_KEYS: keys }: Keys): EncryptionCodec => new EncryptionCodec(new KeyRing('payload', keys));

/** Module that says how failures are converted when payloads are encrypted; the workflow bundle takes it in, too. */
export const encryptedFailures = join(__dirname, 'encrypted-failures');

/** What clients, workers and replays are told of payloads. Without keys nothing, and then it costs nothing. */
export const dataConverterOf = (config: Keys): { dataConverter?: DataConverter } =>
  (encryptsPayloads(config) ? { dataConverter: { payloadCodecs: [payloadCodec(config)], failureConverterPath: encryptedFailures } } : {});
