import type { Readable } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { Agent, request as send } from 'undici';
import { AppError } from '../domain/errors';
import { OutboundGuard } from './outbound-guard';

export interface HttpRequest {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  /** A function gives a stream, anew for each time that it is sent (a redirect may ask for it again). */
  body?: string | Buffer | (() => Promise<Readable>);
  /** Ends the exchange, its body included. */
  signal: AbortSignal;
  /** Redirects that are followed; default 5. */
  maxRedirects?: number;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  /** Where the answer came from, after redirects. */
  url: URL;
  /** Must be read to its end or destroyed, else its connection is held. */
  body: Readable;
}

const defaultMaxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What may follow a redirect to another origin; everything else could be a credential. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  'accept', 'accept-language', 'content-type', 'content-language', 'idempotency-key', 'user-agent',
]);

/** The one way in which the product makes HTTP calls to places that users name. */
export class HttpClient {
  private readonly guard: OutboundGuard;
  private readonly agent: Agent;

  /** @param options.allow private networks (CIDR) that may be reached */
  constructor(options: { allow: readonly string[] }) {
    this.guard = new OutboundGuard(options.allow);
    // No time-outs of its own: the caller's signal is the one clock.
    this.agent = new Agent({ connect: { lookup: this.guard.lookup }, headersTimeout: 0, bodyTimeout: 0 });
  }

  /**
   * Makes a call and follows redirects, checking every hop.
   * @throws AppError `access_denied`, `input_invalid` (not a URL for HTTP), `http_failed` (no answer, retryable); `signal.reason`
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    let hop = { ...request, headers: lowerCased(request.headers ?? {}) };
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.exchange(hop);
      const next = redirectStatuses.has(response.status) ? response.headers['location'] : undefined;
      if (next === undefined) return response;
      response.body.destroy();
      if (redirects >= (request.maxRedirects ?? defaultMaxRedirects)) {
        throw new AppError('http_failed', `${request.method} ${placeOf(request.url)} was redirected ${redirects + 1} times`);
      }
      hop = redirected(hop, response.status, targetOf(next, hop.url));
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async exchange(hop: HttpRequest): Promise<HttpResponse> {
    checkUrl(hop.url);
    this.guard.checkHost(hop.url.hostname);
    hop.signal.throwIfAborted();
    try {
      const answer = await send(hop.url, {
        method: hop.method,
        headers: hop.headers ?? {},
        body: typeof hop.body === 'function' ? await hop.body() : hop.body ?? null,
        signal: hop.signal,
        dispatcher: this.agent,
      });
      // A body that is destroyed before its end reports that as an error; unheard, it would end the process.
      answer.body.on('error', () => undefined);
      const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]));
      return { status: answer.statusCode, headers, url: hop.url, body: answer.body };
    } catch (error) {
      hop.signal.throwIfAborted();
      throw failure(hop, error);
    }
  }
}

/** A URL for people: without the query and the credentials, which may hold secrets. */
const placeOf = (url: URL): string => `${url.origin}${url.pathname}`;

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function checkUrl(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AppError('input_invalid', `${url.protocol}// is not a protocol of HTTP calls`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('input_invalid', 'credentials do not belong into a URL, where logs show them: use a header');
  }
}

function targetOf(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) throw new AppError('http_failed', `${placeOf(from)} redirects to what is not a URL`);
  return new URL(location, from);
}

/** The next hop by RFC 9110, section 15.4: only 307 and 308 keep method and body, across origins no credential follows. */
function redirected(hop: HttpRequest & { headers: Record<string, string> }, status: number, url: URL) {
  const keepsBody = status === 307 || status === 308 || hop.method === 'GET' || hop.method === 'HEAD';
  const headers = Object.entries(hop.headers).filter(([name]) =>
    (url.origin === hop.url.origin || harmlessHeaders.has(name)) && (keepsBody || !name.startsWith('content-')) && name !== 'host');
  const { body, ...rest } = hop;
  return { ...rest, url, headers: Object.fromEntries(headers), ...(keepsBody ? { body } : { method: 'GET' }) };
}

function failure(hop: HttpRequest, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = isNativeError(error) ? error : new Error(String(error));
  if (reason.cause instanceof AppError) return reason.cause;
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : undefined;
  return new AppError('http_failed', `${hop.method} ${placeOf(hop.url)} got no answer: ${reason.message || (code ?? 'connection failed')}`, {
    // A request that cannot even be written (a header that holds a line break, say) will not get better.
    retryable: code !== 'UND_ERR_INVALID_ARG',
    cause: error,
  });
}
