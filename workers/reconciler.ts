import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { findWaitingStep, type WaitingStep } from '../db/orphans';
import { closeEnded, findQuietRuns, type QuietRun } from '../db/reconcile';
import { findRunStatus } from '../db/run-queries';
import type { RunStatus } from '../domain/pipeline/status';
import type { Logger } from '../platform/logger';
import { Rounds } from '../platform/rounds';
import { findWorkflowStatus, signalIfOpen } from '../platform/temporal';
import { approvalEndedSignal, approvalType, terminated, type ApprovalEnded } from '../workflows/approval/contract';
import { childEndedSignal, type ChildEnded } from '../workflows/pipeline/contract';
import { findLostChildren } from './lost-children';
import { Orphans } from './orphans';

const sweepMs = 15_000;
/** An open run of which nothing was heard for this long is compared with Temporal. */
const quietMs = 10_000;
const batch = 20;
/** Asking Temporal for lists of workflows is dear: done when a run was found closed, and once in so many sweeps. */
const sweepsPerSearch = 4;

interface RunEnd { status: Exclude<RunStatus, 'queued' | 'running' | 'waiting' | 'paused'>; code: string; message: string }

/**
 * Compares open runs of the read model with Temporal, and ends those whose workflow is closed: it was terminated, or
 * its last word was lost with the machine that spoke it. Then it tells those who wait for such a run, and ends what
 * outlived one.
 */
export class Reconciler {
  private readonly orphans: Orphans;
  private readonly rounds: Rounds;
  private sweeps = 0;

  constructor(private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {
    this.orphans = new Orphans(pool, client, logger);
    this.rounds = new Rounds(sweepMs, () => this.sweep(), (error) => { logger.warn('open runs could not be compared with Temporal; tried again later', { error }); });
  }

  begin(): void {
    this.rounds.begin();
  }

  end(): Promise<void> {
    return this.rounds.end();
  }

  /** One round, also for tests. @throws what kept it from looking at all of them */
  async sweep(quietForMs = quietMs): Promise<void> {
    const closed = await this.closeEndedRuns(quietForMs);
    await this.orphans.cancelRuns();
    if (closed.length === 0 && this.sweeps++ % sweepsPerSearch !== 0) return;
    await this.orphans.endBatches(closed);
    await this.tellOfLostChildren();
  }

  private async closeEndedRuns(quietForMs: number): Promise<string[]> {
    const closed: string[] = [];
    for (const run of await findQuietRuns(this.pool, quietForMs, batch)) {
      const { id } = run;
      const ended = await this.endOf(run);
      // One that ended by itself since it was listed wrote its row before its workflow closed: nothing of it is lost.
      if (!ended || (await findRunStatus(this.pool, id))?.finishedAt != null) continue;
      this.logger.warn('a run whose workflow had ended was closed in the read model', { runId: id, status: ended.status });
      // First: should this process die in between, the row is still open and all of it is done again.
      const step = await findWaitingStep(this.pool, run.workflowId);
      if (step) await this.tellOfRun(step, run.workflowId, ended);
      await closeEnded(this.pool, id, ended);
      closed.push(id);
    }
    return closed;
  }

  private async tellOfLostChildren(): Promise<void> {
    for (const { type, workflowId } of await findLostChildren(this.pool, this.client, new Date())) {
      const step = await findWaitingStep(this.pool, workflowId);
      const ended = step && await this.endOf({ workflowId, started: true });
      if (!ended) continue;
      if (type === approvalType) await this.tell(step, approvalEndedSignal, terminated(step.unit, workflowId, ended.message));
      else await this.tellOfRun(step, workflowId, ended);
    }
  }

  /** A parent that continued as new hears of its child by signal only, which a terminated child does not send. */
  private async tellOfRun(step: WaitingStep, workflowId: string, { status, code, message }: RunEnd): Promise<void> {
    const end: ChildEnded = {
      unit: step.unit, workflowId, outputs: null,
      // As the parent takes it when it sees the end itself: it did not ask for this.
      status: status === 'timed_out' ? status : 'failed',
      error: { code, message, retryable: false },
    };
    await this.tell(step, childEndedSignal, end);
  }

  private tell({ workflowId }: WaitingStep, name: string, argument: ChildEnded | ApprovalEnded): Promise<void> {
    return signalIfOpen(this.client, this.logger, { workflowId, name, argument });
  }

  private async endOf({ workflowId, started }: Pick<QuietRun, 'workflowId' | 'started'>): Promise<RunEnd | null> {
    const status = await findWorkflowStatus(this.client, workflowId);
    switch (status) {
      case 'TERMINATED': return { status: 'cancelled', code: 'terminated', message: 'The workflow was terminated in Temporal' };
      case 'CANCELLED': return { status: 'cancelled', code: 'cancelled', message: 'The workflow was cancelled in Temporal' };
      case 'TIMED_OUT': return { status: 'timed_out', code: 'timed_out', message: 'The workflow timed out in Temporal' };
      case 'FAILED': return { status: 'failed', code: 'task_failed', message: 'The workflow failed in Temporal; its history says why' };
      case 'COMPLETED': return { status: 'failed', code: 'internal', message: 'The workflow ended, and its result was not recorded' };
      // One that has not started was accepted while Temporal was away, and stands in the queue of the starters.
      case null: return started ? { status: 'cancelled', code: 'terminated', message: 'Temporal does not know the workflow of this run (any more)' } : null;
      default: return null;
    }
  }
}
