import { z } from 'zod';
import { limits } from '../../domain/limits';
import { signatureHeaders } from '../../platform/http-signature';
import { defineProcessor } from '../processor';
import { checkStatus } from './answer-status';
import { boundedBytes } from './bounded-body';
import { scalar, texts } from './shapes';

/** Headers that are ours to set: a receiver checks them. */
const reserved: readonly string[] = ['content-type', 'content-length', 'host', 'idempotency-key', 'webhook-id', 'webhook-timestamp', 'webhook-signature'];

const headerName = z.string().refine((name) => !reserved.includes(name.toLowerCase()), { error: `${reserved.join(', ')} are set by webhook.post itself` });

const input = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address of the receiver; private networks only where an operator allows them'),
  json: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).describe('Body, sent as JSON'),
  secret: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/).describe('Name of the secret that signs the delivery, and that the receiver knows, too'),
  headers: z.record(headerName, scalar).default({}).describe('Further headers'),
  timeoutMs: z.int().min(1).max(3_600_000).default(60_000).describe('Time for the whole exchange in milliseconds'),
});

const output = z.object({
  deliveryId: z.string().describe('`webhook-id` of the delivery, the same in every attempt'),
  status: z.int(),
  body: z.string().describe('What the receiver said, up to 4 KiB'),
});

export const webhookPost = defineProcessor({
  name: 'webhook.post',
  title: 'Signed webhook',
  description: 'Posts JSON, signed with HMAC-SHA256 as Standard Webhooks has it, so that the receiver can tell who sent it and when. Every attempt bears the same id. 408, 425, 429, 5xx and lost connections are retried, Retry-After is honoured; any other answer than 200 to 299 fails at once, a redirect too.',
  version: '1.0.0',
  input,
  output,
  process: async (context, { url, json, secret, headers, timeoutMs }) => {
    const id = context.idempotencyKey;
    const body = JSON.stringify(json);
    const key = await context.secrets.value(secret);
    const request = {
      method: 'POST', url: new URL(url), body, signal: context.signal, timeoutMs,
      // A signed body is for the address that somebody wrote down, not for where that sends it.
      maxRedirects: 0,
      headers: {
        ...texts(headers), 'content-type': 'application/json', 'idempotency-key': id,
        ...signatureHeaders({ id, at: new Date(), body }, key),
      },
    };
    return context.http.request(request, async (response) => {
      await checkStatus(response);
      const { bytes } = await boundedBytes(response.body, limits.errorTextBytes);
      return { deliveryId: id, status: response.status, body: bytes.toString('utf8') };
    });
  },
});
