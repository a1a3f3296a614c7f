import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { validate as isUuid } from 'uuid';
import { errorCodes } from '../../../domain/errors';
import { withLogFields } from '../../../platform/log-fields';
import type { Dependencies } from '../../dependencies';
import { toAppError } from '../../problem';
import { requestState } from '../../request-state';
import { showDecision, takeDecision } from './decide';
import { knock, showDoor } from './door';
import { sendDescription, sendEvidence, sendForm } from './download';
import { isForeign, pageLimits, sendMessage } from './guard';
import { showInbox } from './inbox';
import { messages } from './message-page';

const formBytes = '128kb';

type Page = (request: Request, response: Response, parameters: Record<string, string>) => Promise<void> | void;

/** The pages for people, without a key and without a script: the link that opens one says who they are. */
export function approvalPages(deps: Dependencies): Router {
  const router = Router();
  router.use(['/decide', '/inbox', '/review'], pageLimits());
  place(router, deps, '/decide/:token', {
    get: (request, response, { token = '' }) => showDecision(deps, token, request, response),
    post: (request, response, { token = '' }) => takeDecision(deps, token, request, response),
  });
  place(router, deps, '/decide/:token/description', { get: (_request, response, { token = '' }) => sendDescription(deps, token, response) });
  place(router, deps, '/decide/:token/form', { get: (_request, response, { token = '' }) => sendForm(deps, token, response) });
  place(router, deps, '/decide/:token/evidence/:revision/:index', {
    get: (request, response, { token = '', revision = '', index = '' }) => sendEvidence(deps, token, { revision, index }, request, response),
  });
  place(router, deps, '/inbox/:token', { get: (_request, response, { token = '' }) => showInbox(deps, token, response) });
  place(router, deps, '/review/:id', {
    get: (_request, response) => showDoor(response),
    post: (request, response, { id = '' }) => knock(deps, id, request, response),
  });
  router.use(['/decide', '/inbox', '/review'], showNothing, showTrouble);
  return router;
}

/** What is at one path, and what its form does. */
function place(router: Router, deps: Dependencies, path: string, { get, post }: { get: Page; post?: Page }): void {
  const at = router.route(path);
  at.all(noteSubject(deps, path.replaceAll(/:(\w+)/g, '{$1}')));
  at.get(page(get));
  if (post) at.post(refuseForeign(deps), express.urlencoded({ extended: false, limit: formBytes }), page(post));
  at.all(refuseMethod(post ? 'GET, HEAD, POST' : 'GET, HEAD'));
}

/** Whoever follows an approval through the log finds its pages, too, whatever has become of the link. */
const noteSubject = ({ approvalTokens }: Dependencies, route: string): RequestHandler => ({ params: { token, id } }, response, next) => {
  const approvalId = typeof token === 'string' ? approvalTokens.open('review', token, 0)?.approval : isUuid(id) && typeof id === 'string' ? id : undefined;
  const subject = approvalId === undefined ? {} : { approvalId };
  Object.assign(requestState(response), { route, subject });
  withLogFields(subject, next);
};

const page = (show: Page): RequestHandler => (request, response) =>
  show(request, response, Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)])));

const refuseMethod = (allowed: string): RequestHandler => (_request, response) => sendMessage(response.set('Allow', allowed), messages.otherMethod);

const refuseForeign = ({ config }: Dependencies): RequestHandler => (request, response, next) => {
  if (isForeign(request, config)) sendMessage(response, messages.foreignForm);
  else next();
};

const showNothing: RequestHandler = (_request, response) => sendMessage(response, messages.unknownLink);

/** People get a page, whatever went wrong. */
const showTrouble: ErrorRequestHandler = (thrown: unknown, _request, response, _next) => {
  const error = toAppError(thrown);
  const status = errorCodes[error.code];
  if (status >= 500) requestState(response).log.error('page failed', { error: error.cause ?? error });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (status >= 500) sendMessage(response, { ...messages.trouble, status });
  else sendMessage(response, status === 404 ? { ...messages.goneContent, words: [error.message] } : { ...messages.unreadable, status });
};
