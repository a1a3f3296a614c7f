import { z } from 'zod';
import { parseJson } from '../domain/json';
import { shortestSecret } from './secret-mask';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,49}$/, { error: 'takes lower-case letters, digits and `-`, and at most 50 of them' });
const url = z.url({ protocol: /^https?$/ });

/** A program that is told of requests for a decision, and one that may decide them. */
const webhook = z.discriminatedUnion('format', [
  z.strictObject({
    format: z.literal('generic'), name, url: url.optional(),
    secret: z.string().min(shortestSecret).describe('Signs what is sent, and proves what is received (Standard Webhooks).'),
  }),
  z.strictObject({
    format: z.literal('slack'), name, url: url.optional(),
    users: z.record(z.string(), z.string().min(1)).default({}).describe('By id of the Slack user: the name of a person, or their mail address.'),
  }),
]);

const webhooks = z.array(webhook).max(20).refine((all) => new Set(all.map((each) => each.name)).size === all.length, { error: 'two webhooks have the same name' });

/** `DATAMCP_APPROVAL_WEBHOOKS`, a list as JSON. */
export const approvalWebhooks = z.string().transform((text, context) => {
  try {
    return parseJson(text);
  } catch {
    // Never told: it holds secrets.
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
}).pipe(webhooks);

export type ApprovalWebhook = z.output<typeof webhook>;
