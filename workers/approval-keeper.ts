import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { shiftPeople } from '../db/approvals/shifts';
import { claimUnstarted, closeLost, findQuietApprovals, releaseUnstarted, type QuietApproval, type UnstartedApproval } from '../db/approvals/upkeep';
import { findWaitingStep } from '../db/orphans';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { blindStartLimitMs, isTemporalUnreachable, isWorkflowNotFound, signalWorkflow, startWorkflow } from '../platform/temporal';
import { approvalEndedSignal, approvalStartOptions, approvalType, runEndedSignal, terminated } from '../workflows/approval/contract';

const sweepMs = 2_000;
/** A request that shows no sign of a workflow for this long after it was accepted is started by us. */
const unstartedMs = 5_000;
/** Each open request is compared with Temporal about as often: rarely, because waiting is to cost next to nothing. */
const quietMs = 5 * 60_000;
const batch = 50;
const callTimeoutMs = 5_000;

type Settings = Pick<Config, 'TEMPORAL_TASK_QUEUE' | 'DATAMCP_APPROVAL_WEBHOOKS'>;

/**
 * Keeps requests for decisions and their workflows together: starts those that were accepted while Temporal was away,
 * ends those whose workflow is gone, tells those whose run has ended, and lets delegations begin and end in inboxes. Any number of keepers work beside each other.
 */
export class ApprovalKeeper {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | null = null;

  constructor(private readonly config: Settings, private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {}

  begin(): void {
    this.timer = setInterval(() => { this.working ??= this.sweep().finally(() => { this.working = null; }); }, sweepMs);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** One round, also for tests. */
  async sweep({ unstartedForMs = unstartedMs, quietForMs = quietMs } = {}): Promise<void> {
    try {
      await shiftPeople(this.pool, Date.now(), batch);
      await this.startAll(await claimUnstarted(this.pool, unstartedForMs, batch));
      for (const approval of await findQuietApprovals(this.pool, quietForMs, batch)) await this.compare(approval);
    } catch (error) {
      this.logger.warn('approvals could not be compared with Temporal; tried again soon', { error });
    }
  }

  /** @throws what kept them from being started; these are given back, so that they start as soon as they can */
  private async startAll(approvals: UnstartedApproval[]): Promise<void> {
    const results = await Promise.allSettled(approvals.map((approval) => this.start(approval)));
    const left = approvals.filter((_, index) => results[index]?.status === 'rejected');
    if (left.length === 0) return;
    await releaseUnstarted(this.pool, left.map(({ id }) => id));
    throw results.find((result) => result.status === 'rejected')?.reason;
  }

  private async start(approval: UnstartedApproval): Promise<void> {
    if (Date.now() - approval.createdAt.getTime() > blindStartLimitMs) return this.close(approval.id, 'It was accepted, and nobody could start its workflow in time.');
    await startWorkflow(this.client, approvalType, approvalStartOptions(approval, this.config.TEMPORAL_TASK_QUEUE));
    this.logger.info('an approval was started by the worker', { approvalId: approval.id });
  }

  private async compare({ id, workflowId, runEnded }: QuietApproval): Promise<void> {
    const reason = await this.endOf(workflowId);
    if (reason === null) {
      if (runEnded) await this.signal(workflowId, runEndedSignal);
      return;
    }
    this.logger.warn('an approval whose workflow had ended was closed', { approvalId: id, reason });
    // First: should this process die in between, the request is still open and all of it is done again.
    const step = await findWaitingStep(this.pool, workflowId);
    if (step) await this.signal(step.workflowId, approvalEndedSignal, terminated(step.unit, workflowId, reason));
    await this.close(id, reason);
  }

  private close(id: string, reason: string): Promise<void> {
    return closeLost(this.pool, id, { reason, at: Date.now(), webhooks: this.config.DATAMCP_APPROVAL_WEBHOOKS });
  }

  /** Why the workflow is gone, in a sentence; null while it is there. */
  private async endOf(workflowId: string): Promise<string | null> {
    try {
      const { status } = await this.client.withDeadline(Date.now() + callTimeoutMs, () => this.client.workflow.getHandle(workflowId).describe());
      return status.name === 'RUNNING' || status.name === 'PAUSED' || status.name === 'CONTINUED_AS_NEW' ? null : `Its workflow ended in Temporal without a decision: ${status.name.toLowerCase()}.`;
    } catch (error) {
      if (!isWorkflowNotFound(error)) throw error;
      return 'Temporal does not know its workflow (any more).';
    }
  }

  private async signal(workflowId: string, name: string, argument?: unknown): Promise<void> {
    await signalWorkflow(this.client, workflowId, name, argument).catch((error: unknown) => {
      if (isTemporalUnreachable(error)) throw error;
      this.logger.info('a workflow that an approval concerns could not be told: it has ended, too', { workflowId, error });
    });
  }
}
