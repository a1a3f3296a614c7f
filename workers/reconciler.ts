import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { closeEnded, findQuietRuns } from '../db/reconcile';
import type { RunStatus } from '../domain/pipeline/status';
import type { Logger } from '../platform/logger';
import { isWorkflowNotFound } from '../platform/temporal';

const sweepMs = 15_000;
/** An open run of which nothing was heard for this long is compared with Temporal. */
const quietMs = 10_000;
const batch = 20;
const callTimeoutMs = 5_000;

/**
 * Compares open runs of the read model with Temporal, and ends those whose workflow is closed: it was terminated, or
 * its last word was lost with the machine that spoke it.
 */
export class Reconciler {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | null = null;

  constructor(private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {}

  begin(): void {
    this.timer = setInterval(() => { this.working ??= this.sweep().finally(() => { this.working = null; }); }, sweepMs);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** One round, also for tests. */
  async sweep(quietForMs = quietMs): Promise<void> {
    try {
      for (const { id, workflowId } of await findQuietRuns(this.pool, quietForMs, batch)) {
        const ended = await this.endOf(workflowId);
        if (!ended) continue;
        this.logger.warn('a run whose workflow had ended was closed in the read model', { runId: id, status: ended.status });
        await closeEnded(this.pool, id, ended);
      }
    } catch (error) {
      this.logger.warn('open runs could not be compared with Temporal; tried again later', { error });
    }
  }

  private async endOf(workflowId: string): Promise<{ status: RunStatus; code: string; message: string } | null> {
    try {
      const { status } = await this.client.withDeadline(Date.now() + callTimeoutMs, () => this.client.workflow.getHandle(workflowId).describe());
      switch (status.name) {
        case 'TERMINATED': return { status: 'cancelled', code: 'terminated', message: 'The workflow was terminated in Temporal' };
        case 'CANCELLED': return { status: 'cancelled', code: 'cancelled', message: 'The workflow was cancelled in Temporal' };
        case 'TIMED_OUT': return { status: 'timed_out', code: 'timed_out', message: 'The workflow timed out in Temporal' };
        case 'FAILED': return { status: 'failed', code: 'task_failed', message: 'The workflow failed in Temporal; its history says why' };
        case 'COMPLETED': return { status: 'failed', code: 'internal', message: 'The workflow ended, and its result was not recorded' };
        default: return null;
      }
    } catch (error) {
      if (!isWorkflowNotFound(error)) throw error;
      return { status: 'cancelled', code: 'terminated', message: 'Temporal does not know the workflow of this run (any more)' };
    }
  }
}
