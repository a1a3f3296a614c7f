import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { headerMeanings } from './headers';
import { problemSchema } from './problem';
import type { Route } from './route';

const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: problemSchema } } });

/** The errors that a call can end with, beside those that every call has. */
function problemsOf(route: Route): RouteConfig['responses'] {
  return {
    401: problem('no valid key'),
    ...(route.access !== 'anyone' && { 403: problem(`the key has not the role \`${route.access}\``) }),
    ...(route.path.includes('{') && { 404: problem('there is no such thing') }),
    ...(Object.keys(route.body.content).length > 0 && {
      400: problem('the body cannot be read'), 413: problem('the body is too large'), 415: problem('the body is of another media type'),
    }),
    ...(route.method !== 'get' && { 409: problem('not possible now; `currentStatus` says why') }),
    422: problem('the request is wrong; `errors` has all of it'),
    503: problem('Postgres or Temporal cannot be reached; repeat it after `Retry-After`'),
  };
}

function describe(route: Route): RouteConfig {
  const media = route.media ?? ['application/json'];
  const content = Object.fromEntries(media.map((type) => [type, { schema: route.result }]));
  const headers = z.object(Object.fromEntries((route.headers ?? []).map((name) =>
    [name, z.string().optional().meta({ description: headerMeanings[name] })])));
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
    responses: {
      ...Object.fromEntries(Object.entries(route.success).map(([status, description]) => [status, { description, content }])),
      ...problemsOf(route),
    },
  };
}

/** The description of the API (OpenAPI 3.1), made of the same routes and schemas that serve it. */
export function openApiOf(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer', description: 'A key: `dmcp_…`' });
  for (const route of routes) registry.registerPath(describe(route));
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
