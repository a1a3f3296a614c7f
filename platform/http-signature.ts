import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is signed: one delivery of a webhook, at the moment of one attempt. */
export interface SignedDelivery {
  /** The same in every attempt, so that the receiver can tell a repeated delivery from a new one. Holds no dot. */
  id: string;
  at: Date;
  body: string;
}

/**
 * Headers that prove who sent a body and when, as Standard Webhooks 1.0.0 has them (standardwebhooks.com): receivers in
 * most languages have a library for these. The signature is HMAC-SHA256 over `<id>.<seconds>.<body>`, in base64.
 * @param secret any text, taken as UTF-8; one that begins with `whsec_` is base64 after that
 */
export function signatureHeaders({ id, at, body }: SignedDelivery, secret: string): Record<string, string> {
  const seconds = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}

const keyPrefix = 'whsec_';

const keyOf = (secret: string): Buffer =>
  (secret.startsWith(keyPrefix) ? Buffer.from(secret.slice(keyPrefix.length), 'base64') : Buffer.from(secret, 'utf8'));

/** How far the clock of a sender may be off, and for how long what was overheard could be sent again. */
const windowMs = 5 * 60_000;

/** A delivery as it arrived: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`. */
export interface ReceivedDelivery {
  id: string;
  timestamp: string;
  signature: string;
  body: string;
}

/** Whether a delivery is by somebody who knows the secret, and of the last five minutes. A sender that changes its key signs with both. */
export function isGenuine({ id, timestamp, signature, body }: ReceivedDelivery, secret: string, now: Date): boolean {
  const at = timely(timestamp, now);
  if (at === null) return false;
  const expected = signatureHeaders({ id, at, body }, secret)['webhook-signature'] ?? '';
  return signature.split(' ').some((one) => isSame(one, expected));
}

/** Whether a request is by Slack, and of the last five minutes: its signature `v0` (api.slack.com, "Verifying requests from Slack"). */
export function isFromSlack({ timestamp, signature, body }: Omit<ReceivedDelivery, 'id'>, secret: string, now: Date): boolean {
  return timely(timestamp, now) !== null && isSame(signature, slackSignature(timestamp, body, secret));
}

/** @param timestamp seconds since 1970, as the header has it */
export const slackSignature = (timestamp: string, body: string, secret: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

function timely(timestamp: string, now: Date): Date | null {
  if (!/^\d{1,12}$/.test(timestamp)) return null;
  const at = new Date(Number(timestamp) * 1_000);
  return Math.abs(at.getTime() - now.getTime()) <= windowMs ? at : null;
}

function isSame(given: string, expected: string): boolean {
  const [some, other] = [Buffer.from(given), Buffer.from(expected)];
  return some.length === other.length && timingSafeEqual(some, other);
}
