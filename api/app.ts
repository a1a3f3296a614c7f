import express, { type Express, type Request, type RequestHandler } from 'express';
import helmet from 'helmet';
import { AppError } from '../domain/errors';
import { withLogFields, type LogFields } from '../platform/log-fields';
import { approvalHooks } from './approvals/hooks/router';
import { approvalPages } from './approvals/pages/router';
import { makeAuthenticator, requireKey } from './auth';
import { codecDoor } from './codec/door';
import type { Dependencies } from './dependencies';
import { docsRouter } from './docs/router';
import { registerInstallationMetrics } from './operations/installation-metrics';
import { openRoutes } from './operations/open-routes';
import { problemHandler } from './problem';
import { limitFailedKeys, limitKeys } from './rate-limits';
import { requestState, trackRequests } from './request-state';
import { mayUse } from './roles';
import type { Method, Route } from './route';
import { routes } from './routes';

/** Asked every few seconds by machines: of no interest to those who read the log. */
const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

/**
 * The HTTP edge, from its dependencies. Nothing but `/livez`, `/readyz` and what is opened by a sealed link or a signature
 * (approvals) answers without a key: the check stands before the router, so that no path, known or unknown, gets around it.
 */
export function buildApp(deps: Dependencies): Express {
  const app = express();
  registerInstallationMetrics(deps);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');
  app.set('trust proxy', deps.config.DATAMCP_TRUSTED_PROXIES);
  app.use(trackRequests(deps.logger, {
    onBegin: () => deps.metrics.begin(),
    onEnd: ({ log, route, subject, caller, address, code }, { method, status, seconds }) => {
      deps.metrics.end({ method, route, status }, seconds);
      log.log(probes.has(route) ? 'debug' : 'info', 'request', { ...subject, method, route, status, code, ms: Math.round(seconds * 1_000), caller: caller?.name, address });
    },
  }));
  // Browsers keep to HTTPS where it is there: production has TLS in front, a stack on one machine has none.
  app.use(helmet({ contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } }, strictTransportSecurity: deps.config.DATAMCP_ENV === 'production' }));
  app.use(keepOutOfCaches);
  app.use(openRoutes(deps));
  app.use(requireSchema(deps));
  app.use(approvalPages(deps));
  const authenticator = makeAuthenticator(deps.pool);
  app.use(limitFailedKeys(deps.config, authenticator.isKnown));
  app.use(approvalHooks(deps));
  app.use('/codec', codecDoor(deps));
  app.use(requireKey(authenticator));
  app.use(limitKeys(deps.config));
  app.use(docsRouter());
  for (const [path, methods] of byPath(routes)) mount(app, deps, path, methods);
  app.use(refuseUnserved);
  app.use(problemHandler);
  return app;
}

/** Answers are for who asked, now. What may be kept (artifacts, docs) says so itself. */
const keepOutOfCaches: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Between the start of the process and the end of its migrations there are no tables to look into. */
const requireSchema = ({ database }: Dependencies): RequestHandler => (_request, _response, next) => {
  if (!database.prepared) throw new AppError('unavailable', 'The database is not ready yet.', { retryable: true });
  next();
};

/** Paths with their routes; in the order of the table, so that a fixed path may stand before a pattern. */
function byPath(all: readonly Route[]): Map<string, Map<Method, Route>> {
  const paths = new Map<string, Map<Method, Route>>();
  for (const route of all) {
    const methods = paths.get(route.path) ?? new Map<Method, Route>();
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function mount(app: Express, deps: Dependencies, path: string, methods: Map<Method, Route>): void {
  const place = app.route(expressPath(path));
  place.all((request, response, next) => {
    // What cannot be of this kind is not here: `/v1/runs/actions` is no run.
    if (![...methods.values()].some((route) => route.params.safeParse(request.params).success)) return next('route');
    Object.assign(requestState(response), { route: path, subject: subjectOf(path, request.params) });
    next();
  });
  for (const [method, route] of methods) place[method](serve(deps, route));
  // A later pattern may still serve this path: a pipeline may be called "validate".
  place.all((_request, response, next) => {
    requestState(response).allowed.push(...[...methods.keys()].map((method) => method.toUpperCase()));
    next();
  });
}

/** Whoever follows a run or an approval through the log finds the requests for it, too. */
function subjectOf(path: string, { id }: Request['params']): LogFields {
  if (typeof id !== 'string') return {};
  if (path.startsWith('/v1/runs/{id}')) return { runId: id };
  return path.startsWith('/v1/approvals/{id}') ? { approvalId: id } : {};
}

const refuseUnserved: RequestHandler = (request, response) => {
  const { allowed } = requestState(response);
  if (allowed.length === 0) throw new AppError('not_found', `There is nothing at ${request.path}. /docs shows what there is.`);
  response.set('Allow', allowed.join(', '));
  throw new AppError('method_not_allowed', `${request.method} is not possible here.`);
};

function serve(deps: Dependencies, route: Route): RequestHandler {
  return async (request, response) => {
    const { caller, subject } = requestState(response);
    if (!caller) throw new AppError('auth.required', 'A valid key is needed.');
    if (!mayUse(caller.roles, route.access)) {
      throw new AppError('auth.forbidden', `This needs the role "${route.access}"; the key has: ${caller.roles.join(', ') || 'none'}.`);
    }
    await withLogFields(subject, () => route.serve(deps, caller, request, response));
  };
}
