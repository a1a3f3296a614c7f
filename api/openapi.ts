import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { describeApprovalHooks } from './approvals/hooks/description';
import { headerSchemas } from './headers';
import { problem, problemForNow, type Responses } from './openapi-answers';
import type { Route } from './route';

/** What its headers and its body add to the answers of a call. */
function answersToForm(route: Route): Responses {
  const headers = new Set(route.headers);
  return {
    ...(headers.has('Range') && { 304: { description: 'it is what `If-None-Match` names' }, 416: problem('it has no such bytes'), 502: problem('the artifact store refuses') }),
    ...((headers.has('If-Match') || headers.has('If-None-Match')) && { 412: problem('somebody else was faster, or it exists already') }),
    ...(Object.keys(route.body.content).length > 0 && {
      400: problem('the body cannot be read'), 413: problem('the body is too large'), 415: problem('the body is of another media type'),
    }),
  };
}

/** The errors that a call can end with. */
function problemsOf(route: Route): Responses {
  return {
    ...(route.path.includes('{') && { 400: problem('the address is not text'), 404: problem('there is no such thing') }),
    401: problem('no valid key'),
    ...(route.access !== 'anyone' && { 403: problem(`the key has not the role \`${route.access}\``) }),
    ...(route.access === 'anyone' && route.method !== 'get' && { 403: problem('who may do this is said by what it is done to, and you may not') }),
    ...(route.method !== 'get' && { 409: problem('not possible now; `currentStatus` says why') }),
    ...answersToForm(route),
    ...Object.fromEntries(Object.entries(route.refusals ?? {}).map(([status, meaning]) => [status, problem(meaning)])),
    422: problem('the request is wrong; `errors` has all of it'),
    429: problemForNow('too many requests'),
    503: problemForNow('Postgres or Temporal cannot be reached; nothing was changed'),
  };
}

function successOf(route: Route): Responses {
  const content = Object.fromEntries((route.media ?? ['application/json']).map((type) => [type, { schema: route.result }]));
  return Object.fromEntries(Object.entries(route.success).map(([status, description]) =>
    [status, status === '204' ? { description } : { description, content }]));
}

/** A status may mean both: `/health` answers 503 with what it found, or with a problem when it cannot look at all. */
function responsesOf(route: Route): Responses {
  const [successes, problems] = [successOf(route), problemsOf(route)];
  const both = Object.entries(successes).flatMap(([status, success]): [string, ResponseConfig][] => {
    const other = problems[status];
    return other ? [[status, { ...other, ...success, content: { ...success.content, ...other.content } }]] : [];
  });
  return { ...successes, ...problems, ...Object.fromEntries(both) };
}

function describe(route: Route): RouteConfig {
  const headers = z.object(Object.fromEntries((route.headers ?? []).map((name) => [name, headerSchemas[name].optional()])));
  return {
    method: route.method,
    path: route.path,
    tags: [route.tag],
    summary: route.summary,
    description: route.access === 'anyone' ? 'Any key.' : `Role: \`${route.access}\`.`,
    security: [{ key: [] }],
    request: {
      params: route.params,
      query: route.query,
      ...(route.headers && { headers }),
      ...(Object.keys(route.body.content).length > 0 && { body: { required: route.body.required, content: route.body.content } }),
    },
    responses: responsesOf(route),
  };
}

/** The description of the API (OpenAPI 3.1), made of the same routes and schemas that serve it. */
export function openApiOf(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer', description: 'A key: `dmcp_…`' });
  for (const route of routes) registry.registerPath(describe(route));
  describeApprovalHooks(registry);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'DataMCP Orchestrator',
      version: '1',
      description: 'Durable data pipelines. Errors are problem+json (RFC 9457) with a stable `code`; lists are keyset pages.',
    },
    servers: [{ url: '/' }],
  });
}
