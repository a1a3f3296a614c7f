import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Config } from '../../../platform/config';
import { pageHeaders } from './document';
import { messagePage, messages, type Message } from './message-page';

const windowMs = 60_000;
/** Requests a minute: people press a few times, scanners of mail fetch a link some ten times, an office shares an address. */
const perLink = 60;
const perAddress = 600;

export function sendPage(response: Response, status: number, page: string): void {
  response.status(status).set(pageHeaders).send(page);
}

export const sendMessage = (response: Response, message: Message): void => sendPage(response, message.status, messagePage(message));

const limited = (limit: number, keyGenerator: (request: Request) => string): RequestHandler => rateLimit({
  windowMs, limit, keyGenerator, standardHeaders: 'draft-7', legacyHeaders: false,
  handler: (_request, response) => sendMessage(response, messages.tooMany),
});

/** Bounds for pages that need no key: for each link, and for each address. */
export const pageLimits = (): RequestHandler[] => [
  limited(perAddress, (request) => ipKeyGenerator(request.ip ?? '')),
  limited(perLink, (request) => createHash('sha256').update(request.path.split('/')[1] ?? '').digest('base64')),
];

/**
 * Whether a form was sent by a page that is not ours. Browsers say so themselves (Fetch Metadata); old ones only name the
 * origin, which is `null` from our pages, because these tell nobody where they are.
 */
export function isForeign(request: Request, { DATAMCP_API_URL: address }: Pick<Config, 'DATAMCP_API_URL'>): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.get('origin');
  if (origin === undefined || origin === 'null') return false;
  const hosts = [request.get('host'), address === undefined ? undefined : new URL(address).host];
  return !URL.canParse(origin) || !hosts.includes(new URL(origin).host);
}
