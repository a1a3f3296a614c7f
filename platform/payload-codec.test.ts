import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { dataConverterOf, payloadCodec } from './payload-codec';

const [older, newer] = [randomBytes(32), randomBytes(32)];
const plain = (value: unknown): Payload => {
  const payload = defaultPayloadConverter.toPayload(value);
  if (payload === undefined) throw new Error('not a payload');
  return payload;
};
const valuesOf = (payloads: Payload[]): unknown[] => payloads.map((payload) => defaultPayloadConverter.fromPayload(payload));

describe('the payload codec', () => {
  it('gives back what it encrypted, and shows neither value nor kind meanwhile', async () => {
    const codec = payloadCodec({ DATAMCP_PAYLOAD_KEYS: [newer] });
    const encrypted = await codec.encode([plain({ rows: 'planted' }), plain(new Uint8Array([1, 2])), plain(undefined)]);
    expect(Buffer.concat(encrypted.flatMap(({ data, metadata }) => [data ?? Buffer.of(), ...Object.values(metadata ?? {})])).toString('latin1')).not.toMatch(/planted|json/);
    expect(valuesOf(await codec.decode(encrypted))).toEqual([{ rows: 'planted' }, Buffer.from([1, 2]), undefined]);
  });

  it('opens what an older key encrypted, and says which key is missing', async () => {
    const before = await payloadCodec({ DATAMCP_PAYLOAD_KEYS: [older] }).encode([plain(1)]);
    expect(valuesOf(await payloadCodec({ DATAMCP_PAYLOAD_KEYS: [newer, older] }).decode(before))).toEqual([1]);
    await expect(payloadCodec({ DATAMCP_PAYLOAD_KEYS: [newer] }).decode(before)).rejects.toMatchObject({ code: 'key_missing' });
  });

  it('lets pass what is not encrypted', async () => {
    expect(valuesOf(await payloadCodec({ DATAMCP_PAYLOAD_KEYS: [newer] }).decode([plain('as it was')]))).toEqual(['as it was']);
  });

  it('is not there without keys', () => {
    expect(dataConverterOf({ DATAMCP_PAYLOAD_KEYS: [] })).toEqual({});
  });
});
