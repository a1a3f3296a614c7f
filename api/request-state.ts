import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { ErrorCode } from '../domain/errors';
import { withLogFields, type LogFields } from '../platform/log-fields';
import type { Logger } from '../platform/logger';
import { SpanKind, contextOf, inContext, markFailed, openSpan } from '../platform/tracing';
import type { Caller } from './auth';

/** What the edge knows of one request. */
export interface RequestState {
  /** `X-Request-Id`, taken from the caller or made here. */
  id: string;
  log: Logger;
  /** Of the client: that of the connection, or what a trusted proxy says. Undefined when the client has left already. */
  address: string | undefined;
  /** Pattern of the route, for logs and metrics: paths themselves have no bounded number of values. */
  route: string;
  /** Ids of what its path names, for logs. */
  subject: LogFields;
  caller?: Caller;
  /** Of the error that it was answered with. */
  code?: ErrorCode;
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

export interface RequestEnd {
  method: string;
  status: number;
  seconds: number;
}

export interface RequestHooks {
  onBegin: () => void;
  onEnd: (state: RequestState, end: RequestEnd) => void;
}

/**
 * Gives each request its id, which all that is logged for it bears, and its place in the trace of its caller
 * (`traceparent`, W3C Trace Context).
 */
export function trackRequests(logger: Logger, { onBegin, onEnd }: RequestHooks): RequestHandler {
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const given = request.get('x-request-id');
    const id = given !== undefined && acceptableId.test(given) ? given : randomUUID();
    const { method } = request;
    const state: RequestState = { id, log: logger, address: request.ip, route: 'none', subject: {}, allowed: [] };
    states.set(response, state);
    response.set('X-Request-Id', id);
    const { span, inside } = openSpan(method, {
      kind: SpanKind.SERVER, parent: contextOf(request.get('traceparent')), attributes: { 'http.request.method': method, 'datamcp.request.id': id },
    });
    const end = (): void => {
      const status = response.statusCode;
      span.updateName(`${method} ${state.route}`).setAttributes({ 'http.route': state.route, 'http.response.status_code': status });
      if (status >= 500) markFailed(span, String(status));
      span.end();
      onEnd(state, { method, status, seconds: Number(process.hrtime.bigint() - startedAt) / 1e9 });
    };
    onBegin();
    withLogFields({ requestId: id }, () => inContext(inside, () => {
      // The socket, whose event this is, may be older than the request.
      response.on('close', AsyncResource.bind(end));
      next();
    }));
  };
}
