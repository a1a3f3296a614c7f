import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { claimUnstarted, closeLost, releaseUnstarted, type UnstartedApproval } from '../db/approvals/upkeep';
import { acceptedRun, claimUndispatched, failLost, releaseClaims, type DispatchableRun } from '../db/dispatch';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { listen, type Listening } from '../platform/postgres';
import { Rounds } from '../platform/rounds';
import { blindStartLimitMs, isAlreadyStarted, isTemporalUnreachable, signalWithStart, startWorkflow } from '../platform/temporal';
import { approvalStartOptions, approvalType } from '../workflows/approval/contract';
import { admittedSignal, cancelSignal, pipelineRunType, startOptions } from '../workflows/pipeline/contract';

/** What was dispatched and shows no sign of a workflow for this long is dispatched again. */
const quietMs = 5_000;
const sweepMs = 2_000;
const batch = 50;

/**
 * Starts the workflows of runs and approvals that were accepted and have none: their API died or could not reach
 * Temporal, or runs waited at the door. Any number of starters work beside each other, and starting twice is harmless.
 */
export class Starter {
  private readonly rounds: Rounds;
  private listening: Listening | undefined;

  constructor(private readonly config: Config, private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {
    this.rounds = new Rounds(sweepMs, () => this.sweep(), (error) => { logger.warn('what was accepted could not be looked up or started; tried again soon', { error }); });
  }

  begin(): void {
    const look = (): void => this.rounds.wake();
    this.listening = listen(this.config, this.logger, { channel: 'run_admitted', onMessage: look, onListening: look });
    this.rounds.begin();
  }

  async end(): Promise<void> {
    await this.listening?.close();
    await this.rounds.end();
  }

  /** One round, also for tests. @throws what kept a workflow from being started */
  async sweep(quietForMs = quietMs): Promise<void> {
    const runs = await claimUndispatched(this.pool, quietForMs, batch);
    await startAll(runs, (run) => this.startRun(run), (ids) => releaseClaims(this.pool, ids));
    const approvals = await claimUnstarted(this.pool, quietForMs, batch);
    await startAll(approvals, (approval) => this.startApproval(approval), (ids) => releaseUnstarted(this.pool, ids));
    if (runs.length === batch || approvals.length === batch) this.rounds.wake();
  }

  private async startRun(run: DispatchableRun): Promise<void> {
    if (isTooOld(run.admittedAt)) {
      this.logger.error('a run was never confirmed to run, and is too old to be started blindly', { runId: run.id });
      return failLost(this.pool, run.id);
    }
    try {
      // One call serves both: a workflow that waits at the door is told, one that does not exist is started.
      await signalWithStart(this.client, pipelineRunType, {
        // A run that was born in Temporal has a workflow id of its own making.
        ...startOptions(acceptedRun(run, run.plan, run.reused), run.inputs, this.config.TEMPORAL_TASK_QUEUE), workflowId: run.workflowId,
        ...(run.cancelRequested ? { signal: cancelSignal, signalArgs: [run.cancelRequested] } : { signal: admittedSignal, signalArgs: [] }),
      });
      this.logger.info('a run was started by the starter', { runId: run.id, pipeline: run.pipeline });
    } catch (error) {
      if (isAlreadyStarted(error)) return;
      if (isTemporalUnreachable(error)) throw error;
      this.logger.error('a run could not be started', { runId: run.id, error });
    }
  }

  private async startApproval(approval: UnstartedApproval): Promise<void> {
    const { id, createdAt } = approval;
    if (isTooOld(createdAt)) {
      const reason = 'It was accepted, and nobody could start its workflow in time.';
      return closeLost(this.pool, id, { reason, at: Date.now(), webhooks: this.config.DATAMCP_APPROVAL_WEBHOOKS });
    }
    await startWorkflow(this.client, approvalType, approvalStartOptions(approval, this.config.TEMPORAL_TASK_QUEUE));
    this.logger.info('an approval was started by the starter', { approvalId: id });
  }
}

/** Its first workflow may be past the namespace's retention, so that a start might be the second one. */
const isTooOld = (accepted: Date): boolean => Date.now() - accepted.getTime() > blindStartLimitMs;

/** @throws what kept workflows from being started; their claims are given back, so that they start as soon as they can */
async function startAll<T extends { id: string }>(claimed: T[], start: (row: T) => Promise<void>, giveBack: (ids: string[]) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(claimed.map(start));
  const left = claimed.filter((_row, index) => results[index]?.status === 'rejected');
  if (left.length === 0) return;
  await giveBack(left.map(({ id }) => id));
  throw results.find((result) => result.status === 'rejected')?.reason;
}
