import { getExternalWorkflowHandle, rootCause, workflowInfo } from '@temporalio/workflow';
import { onRejects, stepEnd } from '../../domain/approval/step-end';
import { utf8Bytes } from '../../domain/bytes';
import type { ErrorCode } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { Unit } from '../../domain/pipeline/run-state';
import { approvalAttributes, approvalType, runEndedSignal, stepApprovalWorkflowId, type ApprovalEnded, type ApprovalInput, type ApprovalResult } from '../approval/contract';
import type { UnitEnd } from '../task/unit-end';
import type { CarriedApprovalStep } from './contract';
import type { Run } from './run';
import { StepChildren, type ChildStart } from './step-children';

/** Of a question that is too long to be asked. */
const longestTitle = 200;

/** `approval`: requests for a decision as steps. */
export class ApprovalSteps extends StepChildren<CarriedApprovalStep, ApprovalResult, ApprovalEnded['end']> {
  constructor(private readonly run: Run, wake: () => void) {
    super(wake);
  }

  /** Asks for a decision and waits for it; a cancel of the step withdraws the request. */
  async ask(unit: Unit, generation: number, taskId: string, input: JsonObject): Promise<UnitEnd> {
    const { id: runId, requestedBy } = this.run.context;
    const { onReject: written = 'fail', ...request } = input;
    const onReject = onRejects.find((each) => each === written);
    if (!onReject) return failed('input_invalid', `onReject must be ${onRejects.join(' or ')}`);
    if (utf8Bytes(JSON.stringify(request)) > limits.resolvedWithBytes) return failed('input_too_large', '`with` is over 1 MiB after its expressions are evaluated. Pass artifacts as evidence instead of values');
    const title = typeof request['title'] === 'string' ? request['title'].slice(0, longestTitle) : taskId;
    const step: CarriedApprovalStep = { unit, workflowId: stepApprovalWorkflowId(runId, taskId, unit.instance, generation), title, onReject };
    const asked: ApprovalInput = { request, parent: { workflowId: workflowInfo().workflowId, runId, task: taskId, unit, generation, requestedBy } };
    return this.endOf(step, { type: approvalType, input: asked, summary: `${title.slice(0, 150)} by ${requestedBy}`, attributes: approvalAttributes(requestedBy) });
  }

  /** Goes on waiting for a request of before a continue-as-new. */
  resume(step: CarriedApprovalStep): Promise<UnitEnd> {
    return this.endOf(step);
  }

  private async endOf(step: CarriedApprovalStep, start?: ChildStart): Promise<UnitEnd> {
    const end = await this.follow(step, start);
    if (!end) return { outcome: 'cancelled' };
    return 'error' in end ? { outcome: 'failed', error: end.error } : stepEnd(end, step.onReject);
  }

  protected override askToEnd({ workflowId }: CarriedApprovalStep): Promise<void> {
    return getExternalWorkflowHandle(workflowId).signal(runEndedSignal);
  }

  protected override endOfResult(result: ApprovalResult): ApprovalEnded['end'] {
    return result;
  }

  protected override endOfFailure(error: unknown): ApprovalEnded['end'] {
    return { error: { code: 'terminated', message: `The approval ended without a decision: ${rootCause(error) ?? String(error)}`, retryable: false } };
  }
}

const failed = (code: ErrorCode, message: string): UnitEnd => ({ outcome: 'failed', error: { code, message, retryable: false } });
