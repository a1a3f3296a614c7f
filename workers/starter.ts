import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { claimUndispatched, failLost, releaseClaims, type DispatchableRun } from '../db/dispatch';
import type { Config } from '../platform/config';
import type { Logger } from '../platform/logger';
import { listen, type Listening } from '../platform/postgres';
import { blindStartLimitMs, isAlreadyStarted, isTemporalUnreachable } from '../platform/temporal';
import { admittedSignal, cancelSignal, pipelineRunType, startOptions } from '../workflows/pipeline/contract';

/** A run that was dispatched and shows no sign of a workflow for this long is dispatched again. */
const quietMs = 5_000;
const sweepMs = 2_000;
const batch = 50;
const callTimeoutMs = 5_000;

/**
 * Starts the workflows of runs that were admitted and have none: their API died or could not reach Temporal, or they
 * waited at the door. Any number of starters work beside each other, and starting twice is harmless.
 */
export class Starter {
  private listening: Listening | undefined;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | null = null;
  private again = false;

  constructor(private readonly config: Config, private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {}

  begin(): void {
    this.listening = listen(this.config, this.logger, { channel: 'run_admitted', onMessage: () => this.look(), onListening: () => this.look() });
    this.timer = setInterval(() => this.look(), sweepMs);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.listening?.close();
    await this.working;
  }

  private look(): void {
    this.again = true;
    this.working ??= this.sweep().finally(() => { this.working = null; });
  }

  private async sweep(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        const runs = await claimUndispatched(this.pool, quietMs, batch);
        await this.dispatchAll(runs);
        if (runs.length === batch) this.again = true;
      } catch (error) {
        this.logger.warn('accepted runs could not be looked up or started; tried again soon', { error });
      }
    }
  }

  /** @throws what kept runs from being started; these are given back, so that they start as soon as they can */
  private async dispatchAll(runs: DispatchableRun[]): Promise<void> {
    const results = await Promise.allSettled(runs.map((run) => this.dispatch(run)));
    const left = runs.filter((_run, index) => results[index]?.status === 'rejected');
    if (left.length === 0) return;
    await releaseClaims(this.pool, left.map(({ id }) => id));
    throw results.find((result) => result.status === 'rejected')?.reason;
  }

  private async dispatch(run: DispatchableRun): Promise<void> {
    if (Date.now() - run.admittedAt.getTime() > blindStartLimitMs) {
      this.logger.error('a run was never confirmed to run, and is too old to be started blindly', { runId: run.id });
      return failLost(this.pool, run.id);
    }
    const { id, pipeline, version, trigger, requestedBy, planHash, plan, priority } = run;
    const options = startOptions({
      run: { id, pipeline, version, trigger, requestedBy, scheduledAt: run.scheduledAt?.toISOString() ?? null },
      planHash, priority, hasSlot: run.hasSlot, ...(plan && { plan }), ...(run.reused && { reused: run.reused }),
    }, run.inputs, this.config.TEMPORAL_TASK_QUEUE);
    try {
      // One call serves both: a workflow that waits at the door is told, one that does not exist is started.
      await this.client.withDeadline(Date.now() + callTimeoutMs, () => this.client.workflow.signalWithStart(pipelineRunType, {
        // A run that was born in Temporal has a workflow id of its own making.
        ...options, workflowId: run.workflowId,
        ...(run.cancelRequested ? { signal: cancelSignal, signalArgs: [run.cancelRequested] } : { signal: admittedSignal, signalArgs: [] }),
      }));
      this.logger.info('a run was started by the starter', { runId: id, pipeline });
    } catch (error) {
      if (isAlreadyStarted(error)) return;
      if (isTemporalUnreachable(error)) throw error;
      this.logger.error('a run could not be started', { runId: id, error });
    }
  }
}
