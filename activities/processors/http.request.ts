import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { limits } from '../../domain/limits';
import { checkArtifactName } from '../../platform/artifacts';
import type { HttpRequest, HttpResponse } from '../../platform/http';
import { defineProcessor, type ProcessorContext } from '../processor';
import { checkStatus } from './answer-status';
import { boundedBytes, boundedStream } from './bounded-body';
import { atMostOne, scalar, texts } from './shapes';
import { artifactRefSchema } from './sources';

const input = atMostOne(z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET').describe('Method'),
  url: z.url({ protocol: /^https?$/ }).describe('Address; private networks only where an operator allows them'),
  query: z.record(z.string(), z.union([scalar, z.array(scalar)])).default({}).describe('Parameters that are added to the address'),
  headers: z.record(z.string(), scalar).default({}).describe('Headers; credentials belong here, as secrets'),
  json: z.unknown().optional().describe('Body, sent as JSON'),
  body: z.string().optional().describe('Body, sent as it is'),
  bodyFrom: artifactRefSchema.optional().describe('Artifact that is sent as the body'),
  save: z.string().min(1).optional().describe('Name of an artifact for the body of the answer. Without it the body is the output'),
  expect: z.array(z.int().min(100).max(599)).min(1).optional().describe('Statuses that are a success; 200 to 299 by default'),
  timeoutMs: z.int().min(1).max(3_600_000).default(60_000).describe('Time for the whole exchange in milliseconds'),
}), ['json', 'body', 'bodyFrom']);

const output = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().optional().describe('JSON where the answer says so, else text'),
  artifact: artifactRefSchema.optional().describe('The body, when it was saved'),
});

type Input = z.output<typeof input>;

const savedBytes = 1024 ** 3;
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export const httpRequest = defineProcessor({
  name: 'http.request',
  title: 'HTTP call',
  description: 'Makes an HTTP call. 408, 425, 429, 5xx and lost connections are retried, Retry-After is honoured; other unexpected statuses fail at once. After several failures in a row, calls to a host are held back (`circuit_open`) until a probe succeeds. Unsafe methods carry an Idempotency-Key that is the same in every attempt.',
  version: '1.0.0',
  input,
  output,
  process: async (context, call) => {
    // Before the call, which may have an effect.
    if (call.save !== undefined) checkArtifactName(call.save);
    return context.http.request(requestOf(context, call), async (response, signal) => {
      await checkStatus(response, call.expect);
      return { status: response.status, headers: response.headers, ...(await bodyOf(context, call, response, signal)) };
    });
  },
});

function requestOf(context: ProcessorContext, call: Input): HttpRequest {
  const url = new URL(call.url);
  for (const [name, value] of Object.entries(call.query)) {
    for (const item of [value].flat()) url.searchParams.append(name, String(item));
  }
  const { body, contentType } = payloadOf(context, call);
  return {
    method: call.method, url, signal: context.signal, timeoutMs: call.timeoutMs,
    headers: {
      ...(contentType && { 'content-type': contentType }),
      ...(!safeMethods.has(call.method) && { 'idempotency-key': context.idempotencyKey }),
      ...Object.fromEntries(Object.entries(texts(call.headers)).map(([name, value]) => [name.toLowerCase(), value])),
    },
    ...(body !== undefined && { body }),
  };
}

function payloadOf(context: ProcessorContext, call: Input): { body?: HttpRequest['body']; contentType?: string } {
  const { bodyFrom } = call;
  if (bodyFrom !== undefined) return { body: () => context.artifacts.open(bodyFrom, context.signal), contentType: bodyFrom.contentType };
  if (call.json !== undefined) return { body: JSON.stringify(call.json), contentType: 'application/json' };
  return call.body === undefined ? {} : { body: call.body };
}

async function bodyOf(context: ProcessorContext, call: Input, response: HttpResponse, signal: AbortSignal) {
  const contentType = response.headers['content-type'] ?? 'application/octet-stream';
  if (call.save !== undefined) {
    const stream: Readable = boundedStream(response.body, savedBytes, 'the answer');
    return { artifact: await context.artifacts.save(call.save, contentType, stream, signal) };
  }
  const { bytes, complete } = await boundedBytes(response.body, limits.outputBytes);
  if (!complete) throw new AppError('output_too_large', `the answer is larger than ${limits.outputBytes} bytes: \`save\` it to an artifact`);
  return { body: parsed(textOf(bytes, contentType), contentType) };
}

/**
 * Decodes a body by the charset that the answer names, else as UTF-8. In what says that it is text, a byte that is none
 * becomes U+FFFD, as in browsers; of anything else, an image say, that would be a silent loss.
 */
function textOf(bytes: Buffer, contentType: string): string {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: !/^text\//i.test(contentType) }).decode(bytes);
  } catch (cause) {
    throw new AppError('output_invalid', `the answer (${contentType}) is no text in ${charset}: \`save\` it to an artifact`, { cause });
  }
}

function parsed(text: string, contentType: string): unknown {
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(contentType)) return text;
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new AppError('output_invalid', 'the answer says that it is JSON, and is not', { cause });
  }
}
