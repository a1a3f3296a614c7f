import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit';
import { AppError } from '../domain/errors';
import type { Config } from '../platform/config';
import { requestState } from './request-state';

const windowMs = 60_000;

/** What both limits have in common: a window of a minute, the header `RateLimit` (IETF draft 7), `Retry-After`, problem+json. */
const common = {
  windowMs,
  standardHeaders: 'draft-7',
  legacyHeaders: false,
  handler: (_request, _response, next) => {
    next(new AppError('rate_limited', 'Too many requests. `Retry-After` says when there will be room.', { retryable: true }));
  },
} as const satisfies Partial<Options>;

/** Requests of one key. Each process counts for itself: the limit guards a process, it is no quota. */
export const limitKeys = (config: Pick<Config, 'DATAMCP_RATE_LIMIT_PER_MINUTE'>): RequestHandler => rateLimit({
  ...common,
  limit: config.DATAMCP_RATE_LIMIT_PER_MINUTE,
  keyGenerator: (_request, response) => requestState(response).caller?.keyId ?? '',
});

/**
 * Requests without a valid key from one address: each of them costs a look into Postgres. Keys that were good a moment
 * ago pass, so that nobody shuts out those who share an address with him.
 * @param isKnown whether the key of a request was good a moment ago
 */
export const limitFailedKeys = (
  config: Pick<Config, 'DATAMCP_FAILED_AUTH_PER_MINUTE'>, isKnown: (request: Request) => boolean,
): RequestHandler => rateLimit({
  ...common,
  limit: config.DATAMCP_FAILED_AUTH_PER_MINUTE,
  keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
  skip: isKnown,
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_request, response) => response.statusCode !== 401 && response.statusCode !== 429,
});
