import type { Info } from '@temporalio/activity';
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import type { ErrorInfo } from '../../domain/errors';
import { retryDelayMs } from '../../domain/pipeline/retry';

/** The wait before the next attempt, in milliseconds; null when there is none. */
export type RetryDelay = (error: ErrorInfo) => number | null;

type CalledActivity = Pick<Info, 'attempt' | 'retryPolicy' | 'scheduledTimestampMs' | 'scheduleToCloseTimeoutMs'>;

/** By the policy with which Temporal calls the activity. Of one that was called without a policy nobody can tell. */
export const retryDelayOf = ({ attempt, retryPolicy, scheduledTimestampMs, scheduleToCloseTimeoutMs }: CalledActivity): RetryDelay => (error) => {
  if (!retryPolicy) return null;
  const initialIntervalMs = msOptionalToNumber(retryPolicy.initialInterval) ?? 1_000;
  return retryDelayMs({
    // Temporal says 0 where there is no limit.
    maxAttempts: retryPolicy.maximumAttempts || Infinity,
    initialIntervalMs,
    backoff: retryPolicy.backoffCoefficient ?? 2,
    maxIntervalMs: msOptionalToNumber(retryPolicy.maximumInterval) ?? 100 * initialIntervalMs,
    ...(retryPolicy.nonRetryableErrorTypes && { nonRetryable: retryPolicy.nonRetryableErrorTypes }),
  }, attempt, error, scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now() : Infinity);
};
