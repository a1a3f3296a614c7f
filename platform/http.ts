import { pipeline, type Readable, type Transform } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type * as Undici from 'undici';
import { AppError } from '../domain/errors';
import { CircuitBreakers } from './circuit-breakers';
import type { Config } from './config';
import { OutboundGuard, type Resolver } from './outbound-guard';
import { SpanKind, traceparent, traced } from './tracing';

export interface HttpRequest {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  /** A function gives a stream, anew for each time that it is sent (a redirect may ask for it again). */
  body?: string | Buffer | (() => Promise<Readable>);
  /** Ends the exchange, its body included. */
  signal: AbortSignal;
  /** Time for the whole exchange, redirects and body included, in milliseconds. */
  timeoutMs: number;
  /** Redirects that are followed; default 5. With 0 a redirect is an answer like any other. */
  maxRedirects?: number;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  /** Where the answer came from, after redirects. */
  url: URL;
  body: Readable;
}

/** What is made of an answer while its connection is open. It is given the signal that ends the exchange. */
export type AnswerReader<T> = (response: HttpResponse, signal: AbortSignal) => Promise<T>;

const defaultMaxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** No content, and not modified: an encoding that they name is that of what they do not bring. */
const emptyStatuses: ReadonlySet<number> = new Set([204, 304]);
/** What may follow a redirect to another origin; everything else could be a credential. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  'accept', 'accept-language', 'content-type', 'content-language', 'idempotency-key', 'user-agent',
]);

type Hop = Omit<HttpRequest, 'timeoutMs'> & { headers: Record<string, string> };
/** How one hop ended: read, or sent on. */
type HopEnd<T> = { value: T } | { next: string; status: number };

/** What sends. */
interface Wire {
  send: typeof Undici.request;
  agent: Undici.Agent;
}

/** The one way in which the product makes HTTP calls to places that users name. */
export class HttpClient {
  readonly circuits: CircuitBreakers;
  private readonly guard: OutboundGuard;
  private wire: Promise<Wire> | undefined;

  /** @param resolve what knows the addresses of names */
  constructor(config: Pick<Config, 'DATAMCP_OUTBOUND_ALLOW' | 'DATAMCP_CIRCUIT_FAILURES' | 'DATAMCP_CIRCUIT_PROBE_MS'>, resolve?: Resolver) {
    this.circuits = new CircuitBreakers({ failures: config.DATAMCP_CIRCUIT_FAILURES, probeAfterMs: config.DATAMCP_CIRCUIT_PROBE_MS });
    this.guard = new OutboundGuard(config.DATAMCP_OUTBOUND_ALLOW, resolve);
  }

  /**
   * Makes a call and has its answer read. Follows redirects; every hop passes the guard and the circuit of its host.
   * @throws AppError `access_denied`, `input_invalid` (not a URL for HTTP); retryable: `http_failed` (no whole answer),
   * `timed_out`, `circuit_open`; `signal.reason`; what `read` throws
   */
  async request<T>({ timeoutMs, ...request }: HttpRequest, read: AnswerReader<T>): Promise<T> {
    const timeOut = AbortSignal.timeout(timeoutMs);
    const maxRedirects = request.maxRedirects ?? defaultMaxRedirects;
    let hop: Hop = { ...request, headers: lowerCased(request.headers ?? {}), signal: AbortSignal.any([request.signal, timeOut]) };
    for (let redirects = 0; ; redirects += 1) {
      const end = await this.circuits.run(hop.url.host, () => this.tracedExchange(hop, maxRedirects > 0, read).catch((error: unknown) => {
        request.signal.throwIfAborted();
        throw timeOut.aborted ? new AppError('timed_out', `no complete answer within ${timeoutMs} ms`, { retryable: true, cause: error }) : error;
      }));
      if ('value' in end) return end.value;
      if (redirects >= maxRedirects) throw new AppError('http_failed', `${request.method} ${placeOf(request.url)} was redirected ${redirects + 1} times`);
      hop = redirected(hop, end.status, targetOf(end.next, hop.url));
    }
  }

  async close(): Promise<void> {
    await (await this.wire)?.agent.destroy();
  }

  /** The library is loaded with the first call: a process that makes none pays neither its memory nor its time. */
  private async open(): Promise<Wire> {
    const { Agent, request } = await import('undici');
    // No time-outs of its own: the caller's are the one clock.
    return { send: request, agent: new Agent({ connect: { lookup: this.guard.lookup }, headersTimeout: 0, bodyTimeout: 0 }) };
  }

  private tracedExchange<T>(hop: Hop, follows: boolean, read: AnswerReader<T>): Promise<HopEnd<T>> {
    const { method, url } = hop;
    const attributes = { 'http.request.method': method, 'server.address': url.hostname, 'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
    return traced(method, { kind: SpanKind.CLIENT, attributes }, (span) => {
      const parent = traceparent();
      const headers = parent === undefined ? hop.headers : { traceparent: parent, ...hop.headers };
      return this.exchange({ ...hop, headers }, follows, (response, signal) => {
        span.setAttribute('http.response.status_code', response.status);
        return read(response, signal);
      });
    });
  }

  private async exchange<T>(hop: Hop, follows: boolean, read: AnswerReader<T>): Promise<HopEnd<T>> {
    const { response, lost } = await this.send(hop);
    try {
      const next = follows && redirectStatuses.has(response.status) ? response.headers['location'] : undefined;
      return next === undefined ? { value: await read(response, hop.signal) } : { next, status: response.status };
    } catch (error) {
      if (/^(Z_|ERR__)/.test(codeOf(error) ?? '')) {
        throw new AppError('http_failed', `the answer of ${hop.url.host} is not the ${response.headers['content-encoding']} that it says it is`, { retryable: true, cause: error });
      }
      if (error instanceof AppError || lost() === undefined) throw error;
      throw new AppError('http_failed', `the connection to ${hop.url.host} was lost in the middle of the answer`, { retryable: true, cause: error });
    } finally {
      // What nobody has read would hold the connection.
      response.body.destroy();
    }
  }

  private async send(hop: Hop): Promise<{ response: HttpResponse; lost: () => Error | undefined }> {
    checkUrl(hop.url);
    this.guard.checkHost(hop.url.hostname);
    const { send, agent } = await (this.wire ??= this.open());
    hop.signal.throwIfAborted();
    try {
      const answer = await send(hop.url, {
        method: hop.method,
        headers: hop.headers,
        body: typeof hop.body === 'function' ? await hop.body() : hop.body ?? null,
        signal: hop.signal,
        dispatcher: agent,
      });
      let lost: Error | undefined;
      // Heard in any case: an error that nobody hears would end the process. A body that we destroy reports that as one, too.
      answer.body.on('error', (error) => { if (codeOf(error) !== 'UND_ERR_ABORTED') lost = error; });
      const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]));
      const isEmpty = hop.method === 'HEAD' || emptyStatuses.has(answer.statusCode) || headers['content-length'] === '0';
      const body = isEmpty ? answer.body : decoded(answer.body, headers['content-encoding']);
      return { response: { status: answer.statusCode, headers, url: hop.url, body }, lost: () => lost };
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
function redirected(hop: Hop, status: number, url: URL): Hop {
  const keepsBody = status === 307 || status === 308 || hop.method === 'GET' || hop.method === 'HEAD';
  const headers = Object.entries(hop.headers).filter(([name]) =>
    (url.origin === hop.url.origin || harmlessHeaders.has(name)) && (keepsBody || !name.startsWith('content-')) && name !== 'host');
  const { body, ...rest } = hop;
  return { ...rest, url, headers: Object.fromEntries(headers), ...(keepsBody ? { body } : { method: 'GET' }) };
}

const codeOf = (error: unknown): string | undefined =>
  (isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined);

const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip], ['x-gzip', createGunzip], ['deflate', createInflate], ['br', createBrotliDecompress],
]);

/** We ask for no compression; some servers compress all the same. */
function decoded(body: Readable, encoding = 'identity'): Readable {
  const decoder = decoders.get(encoding.toLowerCase())?.();
  return decoder === undefined ? body : pipeline(body, decoder, () => undefined);
}

/** A header that holds a line break, one that the client does not speak (`expect`), a length that is not that of the body. */
const unsendable: ReadonlySet<string> = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

function failure(hop: Hop, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = isNativeError(error) ? error : new Error(String(error));
  if (reason.cause instanceof AppError) return reason.cause;
  const code = codeOf(reason);
  const call = `${hop.method} ${placeOf(hop.url)}`;
  if (code !== undefined && unsendable.has(code)) return new AppError('input_invalid', `${call} cannot be sent: ${reason.message}`, { cause: error });
  return new AppError('http_failed', `${call} got no answer: ${reason.message || (code ?? 'connection failed')}`, { retryable: true, cause: error });
}
