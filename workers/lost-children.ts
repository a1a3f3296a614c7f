import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { withoutRow } from '../db/orphans';
import { pipelineRunType } from '../workflows/pipeline/contract';

/** Long enough for an installation that was down over night. */
const lookBackMs = 86_400_000;
const pageSize = 1_000;
const callTimeoutMs = 10_000;

/** Child runs that end in another way tell their parent themselves. */
const endedUnheard = `WorkflowType = '${pipelineRunType}' and ParentWorkflowId is not null and ExecutionStatus in ('Terminated', 'TimedOut')`;

/**
 * Workflow ids of child runs that were ended from outside before they wrote their row, so that the read model does not
 * know them and nobody compares them with Temporal. Such ends are rare, hence few are listed however many runs there are.
 */
export async function findLostChildren(pool: Pool, client: Client, now: Date): Promise<string[]> {
  const ended: string[] = [];
  const query = `${endedUnheard} and CloseTime > '${new Date(now.getTime() - lookBackMs).toISOString()}'`;
  await client.withDeadline(Date.now() + callTimeoutMs, async () => {
    for await (const { workflowId } of client.workflow.list({ query, pageSize })) ended.push(workflowId);
  });
  return ended.length === 0 ? [] : withoutRow(pool, ended);
}
