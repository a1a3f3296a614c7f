import { randomUUID } from 'node:crypto';
import { isNativeError } from 'node:util/types';
import { AppError } from '../domain/errors';
import type { Target } from './environment';
import { trustedJson } from './json-text';
import { problemError } from './problem';
import { callRetry, parseRetryAfter, retryDelayMs, sleep, type RetryRule, type Sleep } from './retry';
import type { Page } from './wire';

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';
type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  /** Sent as JSON; `text` wins. */
  json?: unknown;
  text?: { body: string; contentType: string };
  headers?: Record<string, string>;
  /** Of one attempt, until the answer is complete (until its head has come, for `open`). */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Statuses beside 2xx whose body is a result, not a problem. */
  resultStatuses?: readonly number[];
  /** Of a POST; made up when absent, so that a repeated POST creates nothing twice. */
  idempotencyKey?: string;
}

const defaultTimeoutMs = 15_000;
const pageSize = 500;
/** The server may hold an answer this much longer than the wait that was asked for. */
const waitSlackMs = 10_000;

/** The one way to the API: time-outs, repeats that are safe, and errors that say what to do. */
export class ApiClient {
  constructor(
    readonly target: Target,
    private readonly version: string,
    private readonly rule: RetryRule = callRetry,
    private readonly pause: Sleep = sleep,
  ) {}

  get<T>(path: string, options: CallOptions = {}): Promise<T> {
    return this.json<T>('GET', path, options);
  }

  put<T>(path: string, options: CallOptions = {}): Promise<T> {
    return this.json<T>('PUT', path, options);
  }

  post<T>(path: string, options: CallOptions = {}): Promise<T> {
    return this.json<T>('POST', path, { ...options, idempotencyKey: options.idempotencyKey ?? randomUUID() });
  }

  delete<T>(path: string, options: CallOptions = {}): Promise<T> {
    return this.json<T>('DELETE', path, options);
  }

  /** As `get`, but the server answers only when the thing is final or `waitSeconds` are over. */
  wait<T>(path: string, waitSeconds: number, signal?: AbortSignal): Promise<T> {
    const timeoutMs = waitSeconds * 1000 + waitSlackMs;
    return this.get<T>(path, { headers: { prefer: `wait=${waitSeconds}` }, timeoutMs, ...(signal ? { signal } : {}) });
  }

  /** Items of a list over all its pages, at most `limit` of them. */
  async list<T>(path: string, query: Record<string, QueryValue>, limit = Infinity): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const size = Math.min(pageSize, limit - items.length);
      const page: Page<T> = await this.get<Page<T>>(path, { query: { ...query, limit: size, cursor } });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && items.length < limit);
    return items.slice(0, limit);
  }

  /**
   * Opens an answer whose body is read as it comes (events, logs, files); any status but 2xx throws.
   * @throws AppError as the API says, `unavailable` if it cannot be reached
   */
  async open(path: string, options: CallOptions = {}): Promise<Response> {
    return this.retried((attempt) => this.exchange('GET', path, options, attempt, async (response) => response));
  }

  private async json<T>(method: Method, path: string, options: CallOptions): Promise<T> {
    return this.retried((attempt) => this.exchange(method, path, options, attempt, async (response) => {
      const text = await response.text();
      return this.parsed<T>(text === '' ? 'null' : text);
    }));
  }

  /** Repeats while a repeat may help: the wire failed, the API is too busy or away, or a twin of this call is in flight. */
  private async retried<T>(call: (attempt: Attempt) => Promise<T>): Promise<T> {
    for (let number = 1; ; number++) {
      const attempt: Attempt = { retryAfterMs: undefined };
      try {
        return await call(attempt);
      } catch (error) {
        const repeats = error instanceof AppError && (error.retryable || attempt.retryAfterMs !== undefined);
        const delayMs = repeats && number < this.rule.attempts ? retryDelayMs(this.rule, number, attempt.retryAfterMs) : undefined;
        if (delayMs === undefined) throw error;
        await this.pause(delayMs);
      }
    }
  }

  /** One attempt; its time-out covers what `read` takes of the answer. */
  private async exchange<T>(
    method: Method, path: string, options: CallOptions, attempt: Attempt, read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = options;
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(new DOMException('time is over', 'TimeoutError')), timeoutMs ?? defaultTimeoutMs);
    try {
      const response = await fetch(this.url(path, options.query), {
        method,
        headers: this.headers(options),
        body: bodyOf(options),
        signal: signal ? AbortSignal.any([signal, timer.signal]) : timer.signal,
      });
      if (response.ok || options.resultStatuses?.includes(response.status)) return await read(response);
      attempt.retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
      throw problemError(response.status, await response.text(), response.headers.get('x-request-id'));
    } catch (error) {
      throw this.explained(error, signal);
    } finally {
      clearTimeout(timeout);
    }
  }

  /** @throws AppError `unavailable`: what answers there is something else, a proxy's page for example */
  private parsed<T>(text: string): T {
    try {
      return trustedJson<T>(text);
    } catch (error) {
      throw new AppError('unavailable', `What answers at ${this.target.apiUrl} is not the API: no JSON came back`, { cause: error });
    }
  }

  private url(path: string, query: Record<string, QueryValue> = {}): URL {
    const url = new URL(this.target.apiUrl.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query)) {
      for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) url.searchParams.append(name, String(each));
    }
    return url;
  }

  private headers(options: CallOptions): Record<string, string> {
    return {
      accept: 'application/json, application/problem+json',
      'user-agent': `datamcp-cli/${this.version}`,
      ...(this.target.apiKey ? { authorization: `Bearer ${this.target.apiKey}` } : {}),
      ...(options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}),
      ...(options.text ? { 'content-type': options.text.contentType } : options.json !== undefined ? { 'content-type': 'application/json' } : {}),
      ...options.headers,
    };
  }

  /** A failure of the wire, in words; the caller's own abort and errors of ours pass as they are. For those who read an opened body. */
  explained(error: unknown, signal: AbortSignal | undefined): unknown {
    if (error instanceof AppError) return error;
    if (signal?.aborted) return signal.reason;
    return new AppError('unavailable', `The API at ${this.target.apiUrl} is not reachable: ${wireCause(error)}`, {
      retryable: true, cause: error, details: { hint: startAdvice },
    });
  }
}

interface Attempt {
  retryAfterMs: number | undefined;
}

/** What to do when no API answers. */
export const startAdvice = 'start a local stack with `npm start`, or point DATAMCP_API_URL at a running one';

const bodyOf = (options: CallOptions): string | null =>
  options.text ? options.text.body : options.json === undefined ? null : JSON.stringify(options.json);

const causes: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name could not be looked up',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection broke',
};

/** `fetch` hides the reason in a chain of causes. */
function wireCause(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'it did not answer in time';
  let deepest = error;
  while (isNativeError(deepest) && deepest.cause !== undefined) deepest = deepest.cause;
  if (!isNativeError(deepest)) return String(deepest);
  const code = 'code' in deepest ? String(deepest.code) : '';
  return causes[code] ?? (deepest.message || code || deepest.name);
}
