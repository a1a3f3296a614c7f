import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../../domain/errors';
import { HttpClient } from '../../../platform/http';
import type { Dependencies } from '../../dependencies';
import { requestState } from '../../request-state';
import { takeDelivery } from './generic-hook';
import { takePress } from './slack-hook';

const bodyBytes = '256kb';

/** Where programs bring decisions: `POST /v1/hooks/approvals/{name}`. They have no key; their signature says who they are. */
export function approvalHooks(deps: Dependencies): Router {
  const router = Router();
  const http = new HttpClient(deps.config);
  deps.stopping.addEventListener('abort', () => { void http.close(); });
  // Read as text, whatever it is: the signature is over its bytes.
  router.post('/v1/hooks/approvals/:name', express.text({ type: () => true, limit: bodyBytes }), hook(deps, http));
  router.all('/v1/hooks/approvals/:name', (_request, response, next) => {
    requestState(response).allowed.push('POST');
    next();
  });
  return router;
}

const hook = (deps: Dependencies, http: HttpClient): RequestHandler => async (request: Request, response: Response) => {
  const { log } = requestState(response);
  requestState(response).route = '/v1/hooks/approvals/{name}';
  const webhook = deps.config.DATAMCP_APPROVAL_WEBHOOKS.find(({ name }) => name === request.params['name']);
  if (!webhook) throw new AppError('not_found', 'There is no webhook of this name: an operator lists them in DATAMCP_APPROVAL_WEBHOOKS.');
  switch (webhook.format) {
    case 'generic':
      return takeDelivery(deps, webhook, request, response);
    case 'slack':
      return takePress(deps, http, webhook, request, response).catch((error: unknown) => {
        if (!response.headersSent) throw error;
        // Slack has had its answer: whoever pressed sees that nothing changed, and presses again.
        log.warn('what became of a decision in Slack could not be told', { webhook: webhook.name, error });
      });
  }
};
