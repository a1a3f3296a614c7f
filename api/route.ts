import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppError } from '../domain/errors';
import type { Requester } from '../db/audit';
import type { Logger } from '../platform/logger';
import type { Caller } from './auth';
import type { BodyReader } from './body';
import type { Dependencies } from './dependencies';
import type { HeaderName } from './headers';
import { refuseHarmfulJson } from './json-guard';
import { requestState } from './request-state';
import type { Access } from './roles';
import { parseOrRefuse } from './validation';

/** A request that has passed its key, its role and its schemas. */
export interface Call<P, Q, B> {
  deps: Dependencies;
  params: P;
  query: Q;
  body: B;
  caller: Caller;
  /** The caller, for the audit. */
  by: Requester;
  log: Logger;
  request: Request;
  response: Response;
}

export interface Reply<R> {
  status: number;
  body: R;
  headers?: Record<string, string>;
}

/** What a handler returns that wrote the response itself. */
export const streamed = Symbol('streamed');

export type Method = 'get' | 'post' | 'put' | 'delete';

/** Everything that is to be known of a route: it is served, protected, validated and documented from this alone. */
export interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B, R extends z.ZodType> {
  method: Method;
  /** In the notation of OpenAPI: `/v1/runs/{id}`. */
  path: string;
  tag: string;
  summary: string;
  access: Access;
  params: P;
  query: Q;
  body: BodyReader<B>;
  /** Request headers that mean something here. */
  headers?: readonly HeaderName[];
  /** Statuses of success, and what each means. */
  success: Record<number, string>;
  /** Statuses of refusals that others of its form do not have, and what each means. */
  refusals?: Record<number, string>;
  result: R;
  /** Media types of the result, when it is not JSON. */
  media?: string[];
  handle(this: void, call: Call<z.output<P>, z.output<Q>, B>): Promise<Reply<z.input<R>> | typeof streamed>;
}

/** A route whose types are its own affair. */
export interface Route extends Omit<RouteSpec<z.ZodObject, z.ZodObject, unknown, z.ZodType>, 'handle' | 'body'> {
  body: Omit<BodyReader<unknown>, 'read'>;
  serve(deps: Dependencies, caller: Caller, request: Request, response: Response): Promise<void>;
}

/** No parameters, or no query. */
export const nothing = z.strictObject({});

/** Parameters of a path that cannot exist name something that does not: that is a 404, not a fault of the request. */
function parseParams<P extends z.ZodObject>(schema: P, request: Request): z.output<P> {
  refuseHarmfulJson(request.params);
  const parsed = schema.safeParse(request.params);
  if (!parsed.success) throw new AppError('not_found', `There is nothing at ${request.path}.`);
  return parsed.data;
}

function parseQuery<Q extends z.ZodObject>(schema: Q, request: Request): z.output<Q> {
  refuseHarmfulJson(request.query);
  return parseOrRefuse(schema, request.query);
}

function send(response: Response, reply: Reply<unknown>): void {
  response.status(reply.status).set(reply.headers ?? {}).json(reply.body);
}

/** Makes a route of its description. */
export function route<P extends z.ZodObject, Q extends z.ZodObject, B, R extends z.ZodType>(spec: RouteSpec<P, Q, B, R>): Route {
  const { handle, ...described } = spec;
  return {
    ...described,
    async serve(deps, caller, request, response) {
      const { id: requestId, log, address = null } = requestState(response);
      const by = { name: caller.name, keyId: caller.keyId, address, requestId };
      const params = parseParams(spec.params, request);
      const query = parseQuery(spec.query, request);
      const body = await spec.body.read(request, response);
      const reply = await handle({ deps, params, query, body, caller, by, log, request, response });
      if (reply !== streamed) send(response, reply);
    },
  };
}
