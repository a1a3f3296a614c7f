import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Logger } from '../platform/logger';
import type { Caller } from './auth';

/** What the edge knows of one request. */
export interface RequestState {
  /** `X-Request-Id`, taken from the caller or made here. */
  id: string;
  log: Logger;
  /** Pattern of the route, for logs and metrics: paths themselves have no bounded number of values. */
  route: string;
  caller?: Caller;
  /** Methods of the paths that matched, while none of them served the request. */
  allowed: string[];
}

const states = new WeakMap<Response, RequestState>();

/** @throws Error when the request did not pass `trackRequests` */
export function requestState(response: Response): RequestState {
  const state = states.get(response);
  if (!state) throw new Error('The request has no state: trackRequests must come first');
  return state;
}

const acceptableId = /^[\w.:-]{1,128}$/;
/** W3C Trace Context: version, trace id, parent id, flags. */
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Gives each request its id and its logger, and tells `onEnd` how it ended. */
export function trackRequests(
  logger: Logger, onEnd: (state: RequestState, method: string, status: number, seconds: number) => void,
): RequestHandler {
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const given = request.get('x-request-id');
    const id = given !== undefined && acceptableId.test(given) ? given : randomUUID();
    const traceId = traceparent.exec(request.get('traceparent') ?? '')?.[1];
    const log = logger.child({ requestId: id, ...(traceId !== undefined && { traceId }) });
    const state: RequestState = { id, log, route: 'none', allowed: [] };
    states.set(response, state);
    response.set('X-Request-Id', id);
    response.on('close', () => onEnd(state, request.method, response.statusCode, Number(process.hrtime.bigint() - startedAt) / 1e9));
    next();
  };
}
