import type { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { refusalCodes, type Refusal, type RefusalCode } from '../../domain/approval/refusal';
import { finalStatuses, type ApprovalStatus } from '../../domain/approval/state';
import { AppError } from '../../domain/errors';
import type { Json, JsonObject } from '../../domain/json';
import { jsonObject } from '../runs/schemas';
import { outcomeView } from './views';

const codes = Object.keys(refusalCodes);
const isRefusalCode = (code: unknown): code is RefusalCode => typeof code === 'string' && codes.includes(code);

const outcomeShape = z.object({
  status: z.enum(finalStatuses), at: z.number(), cause: z.enum(['vote', 'deadline', 'withdrawal']), by: z.string().optional(), comment: z.string().optional(), form: jsonObject.optional(),
});
const faultShape = z.object({ code: z.string(), message: z.string(), path: z.string() });
/** What the workflow says beside code and message. */
const refusalDetails = z.object({ outcome: outcomeShape.optional(), faults: z.array(faultShape).optional() });

/** The refusal in the failure of an update; null when it failed for another reason. */
export function refusalOf({ type, message, details }: ApplicationFailure): Refusal | null {
  if (!isRefusalCode(type)) return null;
  const { data = {} } = refusalDetails.safeParse(details?.[0]);
  return { code: type, message, ...data };
}

/** Why an act does not count, as an answer: with the outcome of what has ended, or the places of what is wrong in a form. */
export function refusalError({ code, message, outcome, faults }: Refusal, status: ApprovalStatus): AppError {
  const details: JsonObject = {
    currentStatus: outcome?.status ?? status,
    ...(outcome && { outcome: { ...outcomeView(outcome) } }),
    ...(faults && { errors: faults.map((fault): Json => ({ ...fault, path: `/form${fault.path}` })) }),
  };
  return new AppError(code, message, { details });
}
