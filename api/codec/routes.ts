import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Config } from '../../platform/config';
import { encryptsPayloads, payloadCodec, type EncryptionCodec } from '../../platform/payload-codec';
import { jsonBody, noBody } from '../body';
import { nothing, route } from '../route';
import { CodecSessions } from './session';

/** As protobuf writes it in JSON. What else a client may put there is left out. */
const payloadSchema = z.object({ metadata: z.record(z.string(), z.base64()).optional(), data: z.base64().optional() });
const payloadsSchema = z.object({ payloads: z.array(payloadSchema).max(10_000) }).meta({ id: 'Payloads', description: 'Payloads as the Temporal UI sends them to a codec endpoint' });
type Payloads = z.output<typeof payloadsSchema>;

/** Some pages of a history at once; each payload is at most 2 MiB. */
const longest = 16 * 1024 * 1024;

const sessionSchema = z.object({
  subject: z.string(),
  expiresAt: z.string(),
  hint: z.string(),
}).meta({ id: 'CodecSession' });

const fromWire = ({ payloads }: Payloads): Payload[] => payloads.map(({ metadata = {}, data }) => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  ...(data !== undefined && { data: Buffer.from(data, 'base64') }),
}));

const toWire = (payloads: Payload[]): Payloads => ({
  payloads: payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
    ...(data && { data: Buffer.from(data).toString('base64') }),
  })),
});

function codecOf(config: Config): EncryptionCodec {
  if (!encryptsPayloads(config)) throw new AppError('not_found', 'Payloads are not encrypted here: DATAMCP_PAYLOAD_KEYS is not set.');
  return payloadCodec(config);
}

const notEncrypted = { 404: 'payloads are not encrypted here' };

const translation = (way: 'decode' | 'encode', summary: string, done: string) => route({
  method: 'post', path: `/codec/${way}`, tag: 'codec', access: 'operator', summary,
  params: nothing, query: nothing, body: jsonBody(payloadsSchema, longest), success: { 200: done }, refusals: notEncrypted, result: payloadsSchema,
  async handle({ deps: { config }, body }) {
    return { status: 200, body: toWire(await codecOf(config)[way](fromWire(body))) };
  },
});

/** What the Temporal UI calls a codec endpoint: `/codec` is its address. */
export const codecRoutes = [
  route({
    method: 'get', path: '/codec/session', tag: 'codec', access: 'operator',
    summary: 'Let this browser decrypt for the Temporal UI, for eight hours',
    params: nothing, query: nothing, body: noBody, success: { 200: 'a cookie that is good for /codec alone' }, refusals: notEncrypted, result: sessionSchema,
    async handle({ deps: { config }, caller }) {
      codecOf(config);
      const { cookie, expiresAt } = new CodecSessions(config).open(caller.keyId, new Date());
      const hint = 'Close this page: the Temporal UI in this browser shows payloads now.';
      return { status: 200, headers: { 'Set-Cookie': cookie }, body: { subject: caller.name, expiresAt: expiresAt.toISOString(), hint } };
    },
  }),
  translation('decode', 'Decrypt payloads, for the Temporal UI and CLI', 'the payloads in the clear'),
  translation('encode', 'Encrypt payloads, for what the Temporal UI and CLI send', 'the payloads, encrypted'),
];
