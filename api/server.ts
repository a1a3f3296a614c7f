import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../domain/errors';
import type { Config } from '../platform/config';
import { problemBody } from './problem';

/** Longer than proxies usually keep a connection that nothing happens on, so that it is they who close it. */
const keepAliveTimeoutMs = 65_000;
const longestCheckMs = 5_000;

/**
 * An HTTP server with time-outs against callers that send slowly on purpose: they are told 408, and the connection is
 * closed. Answers may take as long as they need (streams).
 */
export function makeServer(
  config: Pick<Config, 'DATAMCP_API_HEADERS_TIMEOUT_MS' | 'DATAMCP_API_REQUEST_TIMEOUT_MS'>, app: RequestListener,
): Server {
  const requestTimeout = config.DATAMCP_API_REQUEST_TIMEOUT_MS;
  const headersTimeout = Math.min(config.DATAMCP_API_HEADERS_TIMEOUT_MS, requestTimeout);
  const server = createServer({
    headersTimeout, requestTimeout,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(headersTimeout, longestCheckMs),
  }, app);
  return server.on('clientError', refuseConnection);
}

const idleCheckMs = 50;

/**
 * Ends a server in good order: nothing new is taken, what is being answered is answered, and each connection is closed
 * as soon as it has no request. Node closes only those that are idle at once, so a busy client could hold it for ever.
 * @param graceMs after which connections are cut
 */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  // Before the application answers: clients learn that the next request goes over another connection.
  server.prependListener('request', (_request, response) => { response.setHeader('Connection', 'close'); });
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const hurry = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(hurry);
}

/** What is no request that could be answered, as Node's parser says. */
function refusalOf({ code }: NodeJS.ErrnoException): AppError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('request.timeout', 'The request did not arrive in time.', { retryable: true });
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('request.head_too_large', 'The head of the request is too large.');
    default:
      return new AppError('request.malformed', 'This is not HTTP.');
  }
}

/**
 * There is no response to write to, only the socket. One that has carried an answer before is closed without a word:
 * the answer may not be complete, and what came behind it would be taken for a part of it.
 */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  const fresh = socket instanceof Socket && socket.bytesWritten === 0;
  if (!fresh || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemBody(refusalOf(error), randomUUID());
  const body = JSON.stringify(problem);
  socket.end([
    `HTTP/1.1 ${problem.status} ${problem.title}`, 'Connection: close', 'Content-Type: application/problem+json; charset=utf-8',
    `X-Request-Id: ${problem.requestId}`, `Content-Length: ${Buffer.byteLength(body)}`, '', body,
  ].join('\r\n'));
}
