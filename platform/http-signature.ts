import { createHmac } from 'node:crypto';

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
