import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { Refusal } from '../../domain/approval/refusal';
import { finalStatuses, type ApprovalStatus } from '../../domain/approval/state';
import { AppError, errorCodes, type ErrorCode } from '../../domain/errors';
import type { Json, JsonObject } from '../../domain/json';
import { jsonObject } from '../runs/schemas';
import { outcomeView } from './views';

/** Why the workflow did not take an act: a refusal by the rules, or by what stands before them. */
type Refused = Omit<Refusal, 'code'> & { code: ErrorCode };

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorCodes, code);

const outcomeShape = z.object({
  status: z.enum(finalStatuses), at: z.number(), cause: z.enum(['vote', 'deadline', 'withdrawal']), by: z.string().optional(), comment: z.string().optional(), form: jsonObject.optional(),
});
const faultShape = z.object({ code: z.string(), message: z.string(), path: z.string() });
/** What the workflow says beside code and message. */
const refusalDetails = z.object({ outcome: outcomeShape.optional(), faults: z.array(faultShape).optional() });

/** The refusal for which an update failed; null when it failed for another reason. */
export function refusalOf({ cause }: WorkflowUpdateFailedError): Refused | null {
  if (!(cause instanceof ApplicationFailure) || !isErrorCode(cause.type)) return null;
  const { data = {} } = refusalDetails.safeParse(cause.details?.[0]);
  return { code: cause.type, message: cause.message, ...data };
}

/** Why an act does not count, as an answer: with the outcome of what has ended, or the places of what is wrong in a form. */
export function refusalError({ code, message, outcome, faults }: Refused, status: ApprovalStatus): AppError {
  // Whoever calls has shown a key already: it is our own token that the worker does not open.
  if (code === 'auth.required') return new AppError('unavailable', 'The worker does not open what this API seals: both need the same DATAMCP_SECRETS_KEY.', { retryable: true });
  const details: JsonObject = {
    currentStatus: outcome?.status ?? status,
    ...(outcome && { outcome: { ...outcomeView(outcome) } }),
    ...(faults && { errors: faults.map((fault): Json => ({ ...fault, path: `/form${fault.path}` })) }),
  };
  return new AppError(code, message, { details });
}
