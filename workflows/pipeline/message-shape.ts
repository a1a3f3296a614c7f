import { finalStatuses } from '../../domain/approval/state';
import type { Unit } from '../../domain/pipeline/run-state';
import type { ApprovalEnded } from '../approval/contract';
import { Unreadable } from '../signals';
import type { BatchProgress } from '../task/contract';
import type { CancelRequest, ChildEnded, PauseRequest, TaskRequest } from './contract';

/**
 * Whether messages are what they should be. Those of our own workflows and API are; with Temporal's tools anybody may
 * send anything, and a handler that fails over it would stop the run for ever.
 */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unreadable);
const isOneOf = (values: readonly string[], value: unknown): boolean => values.some((one) => one === value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);
const isUnit = (value: unknown): value is Unit => isObject(value) && Number.isInteger(value['task']) && Number.isInteger(value['instance']);
const isError = (value: unknown): boolean => isObject(value) && isText(value['code']) && isText(value['message']);

/** Why an argument is none of these. */
export const misfit = (argument: unknown): string =>
  (argument instanceof Unreadable ? `Its argument cannot be read: ${argument.reason}` : 'Its argument is not what it takes');

export const isCancelRequest = (value: unknown): value is CancelRequest =>
  isObject(value) && isTextOrAbsent(value['reason']) && isTextOrAbsent(value['requestedBy']) && isOneOf(['undefined', 'boolean'], typeof value['force']);

export const isPauseRequest = (value: unknown): value is PauseRequest | undefined =>
  value === undefined || (isObject(value) && isTextOrAbsent(value['requestedBy']) && isTextOrAbsent(value['id']));

export const isTaskRequest = (value: unknown): value is TaskRequest => isObject(value) && isText(value['task']) && isPauseRequest(value);

export const isBatchProgress = (value: unknown): value is BatchProgress =>
  isObject(value) && isText(value['workflowId']) && Array.isArray(value['done']) && value['done'].every((result) =>
    isUnit(result) && isObject(result) && isOneOf(['succeeded', 'failed', 'cancelled'], result['outcome']) && (result['error'] === undefined || isError(result['error'])));

export const isChildEnded = (value: unknown): value is ChildEnded =>
  isObject(value) && isUnit(value['unit']) && isTextOrAbsent(value['workflowId']) && isOneOf(['succeeded', 'failed', 'cancelled', 'timed_out'], value['status'])
  && (value['outputs'] === null || isObject(value['outputs'])) && (value['error'] === null || isError(value['error']));

export const isApprovalEnded = (value: unknown): value is ApprovalEnded =>
  isObject(value) && isUnit(value['unit']) && isText(value['workflowId']) && isObject(value['end']) && (isError(value['end']['error']) || isApprovalEnd(value['end']));

const isApprovalEnd = ({ approvalId, status, outcome, votes, evidenceHash }: Record<string, unknown>): boolean =>
  isText(approvalId) && isOneOf(finalStatuses, status) && isObject(outcome) && Number.isFinite(outcome['at']) && Array.isArray(votes) && isText(evidenceHash);
