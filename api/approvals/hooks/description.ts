import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problem, problemForNow } from '../../openapi-answers';
import { actResultSchema } from '../schemas';
import { hookDecisionSchema } from './generic-hook';

const signatures = {
  signature: { name: 'webhook-signature', description: 'Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, by the secret of the webhook' },
  slackSignature: { name: 'x-slack-signature', description: 'Slack: `x-slack-request-timestamp` and `x-slack-signature`, by the signing secret of the app' },
};

const decided = (description: string) => ({ description, content: { 'application/json': { schema: actResultSchema } } });

/** Adds the one call that asks for a signature in place of a key, and is no route therefore. */
export function describeApprovalHooks(registry: OpenAPIRegistry): void {
  for (const [name, scheme] of Object.entries(signatures)) registry.registerComponent('securitySchemes', name, { type: 'apiKey', in: 'header', ...scheme });
  registry.registerPath({
    method: 'post', path: '/v1/hooks/approvals/{name}', tags: ['approvals'], summary: 'Bring a decision by a webhook, from a program that vouches for its users, or from Slack',
    description: 'A signature.',
    security: Object.keys(signatures).map((name) => ({ [name]: [] })),
    request: {
      params: z.object({ name: z.string().describe('of a webhook in `DATAMCP_APPROVAL_WEBHOOKS`') }),
      body: { required: true, content: {
        'application/json': { schema: hookDecisionSchema },
        'application/x-www-form-urlencoded': { schema: z.object({ payload: z.string().describe('`block_actions` of Slack, as JSON') }) },
      } },
    },
    responses: {
      200: decided('it counted, or says what is so already; Slack gets no content'), 202: decided('not yet confirmed: it is carried out as soon as a worker runs'),
      400: problem('the body cannot be read'), 401: problem('not signed with the secret of this webhook within the last five minutes'),
      403: problem('not for this person to decide, or nobody is called so'), 404: problem('there is no webhook of this name, or no such approval'),
      409: problem('it does not count; `currentStatus` and `outcome` say why, or the same delivery is still being answered'), 413: problem('the body is too large'),
      422: problem('the decision is wrong, `errors` has all of it; or another one came under this `webhook-id`'),
      429: problemForNow('too many requests from this address that were not signed'), 503: problemForNow('Postgres or Temporal cannot be reached; the same delivery again is safe'),
    },
  });
}
