import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { errorCodes } from '../../../domain/errors';
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
  const readForm: RequestHandler[] = [refuseForeign(deps), express.urlencoded({ extended: false, limit: formBytes })];
  router.use(['/decide', '/inbox', '/review'], pageLimits());
  router.get('/decide/:token', page('/decide/{token}', (request, response, { token = '' }) => showDecision(deps, token, request, response)));
  router.post('/decide/:token', readForm, page('/decide/{token}', (request, response, { token = '' }) => takeDecision(deps, token, request, response)));
  router.get('/decide/:token/description', page('/decide/{token}/description', (_request, response, { token = '' }) => sendDescription(deps, token, response)));
  router.get('/decide/:token/form', page('/decide/{token}/form', (_request, response, { token = '' }) => sendForm(deps, token, response)));
  router.get('/decide/:token/evidence/:revision/:index', page('/decide/{token}/evidence/{revision}/{index}', (request, response, { token = '', revision = '', index = '' }) =>
    sendEvidence(deps, token, { revision, index }, request, response)));
  router.get('/inbox/:token', page('/inbox/{token}', (_request, response, { token = '' }) => showInbox(deps, token, response)));
  router.get('/review/:id', page('/review/{id}', (_request, response) => showDoor(response)));
  router.post('/review/:id', readForm, page('/review/{id}', (request, response, { id = '' }) => knock(deps, id, request, response)));
  router.use(['/decide', '/inbox', '/review'], showNothing, showTrouble);
  return router;
}

function page(route: string, show: Page): RequestHandler {
  return async (request, response) => {
    requestState(response).route = route;
    await show(request, response, Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)])));
  };
}

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
