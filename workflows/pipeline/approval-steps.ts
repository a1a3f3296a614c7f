import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  rootCause,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { onRejects, stepEnd, type OnReject } from '../../domain/approval/step-end';
import { utf8Bytes } from '../../domain/bytes';
import type { ErrorCode } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { Unit } from '../../domain/pipeline/run-state';
import {
  approvalAttributes, approvalType, runEndedSignal, stepApprovalWorkflowId,
  type ApprovalEnded, type ApprovalInput, type ApprovalResult,
} from '../approval/contract';
import type { UnitEnd } from '../task/unit-end';
import type { CarriedApprovalStep } from './contract';
import { unitKey, type Run } from './run';

/** `approval`: requests for a decision as steps. A request tells by signal how it ended, because this run may have continued as new. */
export class ApprovalSteps {
  private readonly ended = new Map<string, ApprovalEnded['end']>();
  readonly open = new Map<string, CarriedApprovalStep>();

  /** @param wake asks for another look at the run: there is news of whom it waits for */
  constructor(private readonly run: Run, private readonly wake: () => void) {}

  /** A late word of the request of an earlier generation does not count for the one that the step waits for now. */
  onEnded({ unit, workflowId, end }: ApprovalEnded): void {
    const key = unitKey(unit);
    if (this.open.get(key)?.workflowId === workflowId && !this.ended.has(key)) this.ended.set(key, end);
  }

  /** Asks for a decision and waits for it; a cancel of the step withdraws the request. */
  async ask(unit: Unit, generation: number, taskId: string, input: JsonObject): Promise<UnitEnd> {
    const { context } = this.run;
    const { onReject: written = 'fail', ...request } = input;
    const onReject = onRejects.find((each) => each === written);
    if (!onReject) return failed('input_invalid', `onReject must be ${onRejects.join(' or ')}`);
    if (utf8Bytes(JSON.stringify(request)) > limits.resolvedWithBytes) return failed('input_too_large', '`with` is over 1 MiB after its expressions are evaluated. Pass artifacts as evidence instead of values');
    const step: CarriedApprovalStep = {
      unit,
      workflowId: stepApprovalWorkflowId(context.id, taskId, unit.instance, generation),
      title: typeof request['title'] === 'string' ? request['title'] : taskId,
      onReject,
    };
    const parent = { workflowId: workflowInfo().workflowId, runId: context.id, task: taskId, unit, generation, requestedBy: context.requestedBy };
    return this.follow(step, { request, parent });
  }

  /** Waits for the end of a request, made here or before a continue-as-new. */
  async follow(step: CarriedApprovalStep, start?: ApprovalInput): Promise<UnitEnd> {
    const key = unitKey(step.unit);
    this.ended.delete(key);
    this.open.set(key, step);
    this.wake();
    try {
      if (start) await this.start(step, start);
      await condition(() => this.ended.has(key));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      await CancellationScope.nonCancellable(() => this.withdraw(step));
    } finally {
      this.open.delete(key);
    }
    return endOf(this.ended.get(key), step.onReject);
  }

  private async start({ unit, workflowId, title }: CarriedApprovalStep, input: ApprovalInput): Promise<void> {
    const handle = await CancellationScope.nonCancellable(() => startChild<(input: ApprovalInput) => Promise<ApprovalResult>>(approvalType, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      staticSummary: `${title.slice(0, 150)} by ${this.run.context.requestedBy}`,
      typedSearchAttributes: approvalAttributes(this.run.context.requestedBy),
    }));
    // A request that was terminated, or could not begin, sends no signal.
    void handle.result().then(
      (end) => this.onEnded({ unit, workflowId, end }),
      (error: unknown) => this.onEnded({ unit, workflowId, end: { error: { code: 'terminated', message: `The approval ended without a decision: ${rootCause(error) ?? String(error)}`, retryable: false } } }),
    );
  }

  /** A request that is there no more will not answer. */
  private async withdraw({ unit, workflowId }: CarriedApprovalStep): Promise<void> {
    const told = await getExternalWorkflowHandle(workflowId).signal(runEndedSignal).then(() => true, () => false);
    if (told) await condition(() => this.ended.has(unitKey(unit)));
  }
}

function endOf(end: ApprovalEnded['end'] | undefined, onReject: OnReject): UnitEnd {
  if (!end) return { outcome: 'cancelled' };
  return 'error' in end ? { outcome: 'failed', error: end.error } : stepEnd(end, onReject);
}

const failed = (code: ErrorCode, message: string): UnitEnd => ({ outcome: 'failed', error: { code, message, retryable: false } });
