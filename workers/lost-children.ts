import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { withoutRow } from '../db/orphans';
import { approvalType } from '../workflows/approval/contract';
import { pipelineRunType } from '../workflows/pipeline/contract';

/** Long enough for an installation that was down over night. */
const lookBackMs = 86_400_000;
const pageSize = 1_000;
const callTimeoutMs = 10_000;

/** Children that end in another way tell their run themselves. */
const endedUnheard = `WorkflowType in ('${pipelineRunType}', '${approvalType}') and ParentWorkflowId is not null and ExecutionStatus in ('Terminated', 'TimedOut')`;

export interface LostChild {
  type: string;
  workflowId: string;
}

/**
 * Child runs and approvals of steps that were ended from outside before they wrote their row, so that the read model
 * does not know them and nobody compares them with Temporal. Such ends are rare, hence few are listed however many
 * children there are.
 */
export async function findLostChildren(pool: Pool, client: Client, now: Date): Promise<LostChild[]> {
  const ended: LostChild[] = [];
  const query = `${endedUnheard} and CloseTime > '${new Date(now.getTime() - lookBackMs).toISOString()}'`;
  await client.withDeadline(Date.now() + callTimeoutMs, async () => {
    for await (const { type, workflowId } of client.workflow.list({ query, pageSize })) ended.push({ type, workflowId });
  });
  if (ended.length === 0) return [];
  const lost = new Set(await withoutRow(pool, ended.map(({ workflowId }) => workflowId)));
  return ended.filter(({ workflowId }) => lost.has(workflowId));
}
