import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { findEndedRuns, findOrphanedRuns } from '../db/orphans';
import { requestCancel } from '../db/runs';
import { searchAttributes } from '../domain/search-attributes';
import type { Logger } from '../platform/logger';
import { isTemporalUnreachable, signalIfOpen } from '../platform/temporal';
import { cancelSignal, type CancelRequest } from '../workflows/pipeline/contract';

/** A batch tells its last results and ends a moment after the run may have ended upon them. */
const batchGraceMs = 10_000;
const runsAtOnce = 100;
const pageSize = 1_000;
const callTimeoutMs = 10_000;

const openBatches = `${searchAttributes.kind.name} = 'batch' and ExecutionStatus = 'Running'`;
/** `batch/<run>/<number>`, as the run's workflow names them. */
const batchId = /^batch\/([0-9a-f-]{36})\/\d+$/;

/**
 * Ends what outlived its run. Children of a run do not end with its workflow, because that may continue as new; when it
 * was terminated, nobody told them.
 */
export class Orphans {
  constructor(private readonly pool: Pool, private readonly client: Client, private readonly logger: Logger) {}

  /** Child runs are asked to cancel, so that their clean-up runs. One that has ended already is left to the reconciler. */
  async cancelRuns(): Promise<void> {
    const request: CancelRequest = { reason: 'its parent run has ended' };
    for (const { id, workflowId } of await findOrphanedRuns(this.pool, runsAtOnce)) {
      await signalIfOpen(this.client, this.logger, { workflowId, name: cancelSignal, argument: request });
      await requestCancel(this.pool, id, { ...request, by: 'reconciler' });
      this.logger.warn('a child run that outlived its parent was cancelled', { runId: id });
    }
  }

  /**
   * Batches have nothing to clean up and are terminated; their activities hear of it with the next heartbeat.
   * @param closed runs whose workflow is known to be closed
   */
  async endBatches(closed: readonly string[]): Promise<void> {
    const batches = await this.openBatches();
    const runs = [...new Set(batches.map(({ runId }) => runId))];
    if (runs.length === 0) return;
    const ended = new Set([...closed, ...(await findEndedRuns(this.pool, runs, batchGraceMs))]);
    for (const { runId, workflowId } of batches) {
      if (!ended.has(runId)) continue;
      await this.client.workflow.getHandle(workflowId).terminate('Its run has ended').catch((error: unknown) => {
        if (isTemporalUnreachable(error)) throw error;
      });
      this.logger.warn('a batch that outlived its run was terminated', { runId, workflowId });
    }
  }

  private async openBatches(): Promise<{ runId: string; workflowId: string }[]> {
    return this.client.withDeadline(Date.now() + callTimeoutMs, async () => {
      const found: { runId: string; workflowId: string }[] = [];
      for await (const { workflowId } of this.client.workflow.list({ query: openBatches, pageSize })) {
        const runId = batchId.exec(workflowId)?.[1];
        if (runId !== undefined) found.push({ runId, workflowId });
      }
      return found;
    });
  }
}
