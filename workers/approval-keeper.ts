import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { shiftPeople } from '../db/approvals/shifts';
import { closeLost, findQuietApprovals, type QuietApproval } from '../db/approvals/upkeep';
import { findWaitingStep } from '../db/orphans';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { Rounds } from '../platform/rounds';
import { findWorkflowStatus, signalIfOpen } from '../platform/temporal';
import { approvalEndedSignal, runEndedSignal, terminated } from '../workflows/approval/contract';

const sweepMs = 2_000;
/** Each open request is compared with Temporal about as often: rarely, because waiting is to cost next to nothing. */
const quietMs = 5 * 60_000;
const batch = 50;

type Settings = Pick<Config, 'DATAMCP_APPROVAL_WEBHOOKS'>;

/**
 * Keeps requests for decisions and their workflows together: ends those whose workflow is gone, tells those whose run has
 * ended, and lets delegations begin and end in inboxes. Any number of keepers work beside each other.
 */
export class ApprovalKeeper {
  private readonly rounds: Rounds;

  constructor(private readonly config: Settings, private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {
    this.rounds = new Rounds(sweepMs, () => this.sweep(), (error) => { logger.warn('approvals could not be compared with Temporal; tried again soon', { error }); });
  }

  begin(): void {
    this.rounds.begin();
  }

  end(): Promise<void> {
    return this.rounds.end();
  }

  /** One round, also for tests. @throws what kept it from looking at all of them */
  async sweep(quietForMs = quietMs): Promise<void> {
    await shiftPeople(this.pool, Date.now(), batch);
    for (const approval of await findQuietApprovals(this.pool, quietForMs, batch)) await this.compare(approval);
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
    await closeLost(this.pool, id, { reason, at: Date.now(), webhooks: this.config.DATAMCP_APPROVAL_WEBHOOKS });
  }

  /** Why the workflow is gone, in a sentence; null while it is there. */
  private async endOf(workflowId: string): Promise<string | null> {
    const status = await findWorkflowStatus(this.client, workflowId);
    if (status === null) return 'Temporal does not know its workflow (any more).';
    return status === 'RUNNING' || status === 'PAUSED' || status === 'CONTINUED_AS_NEW' ? null : `Its workflow ended in Temporal without a decision: ${status.toLowerCase()}.`;
  }

  private signal(workflowId: string, name: string, argument?: unknown): Promise<void> {
    return signalIfOpen(this.client, this.logger, { workflowId, name, argument });
  }
}
