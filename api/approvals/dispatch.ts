import type { OpenedRow } from '../../db/approvals/open';
import { startWorkflow } from '../../platform/temporal';
import { approvalStartOptions, approvalType } from '../../workflows/approval/contract';
import type { Dependencies } from '../dependencies';

type Startable = Pick<OpenedRow, 'id' | 'title' | 'requester' | 'workflowId'>;

/** Starts the workflow of an accepted request; one that runs or ran already counts as started. */
export const startApproval = ({ temporal, config }: Pick<Dependencies, 'temporal' | 'config'>, approval: Startable): Promise<void> =>
  startWorkflow(temporal, approvalType, approvalStartOptions(approval, config.TEMPORAL_TASK_QUEUE));

/**
 * The same, for those who do not wait for it. It never fails: the request is accepted already, and the starter in the
 * worker starts what could not be started here.
 */
export async function startApprovalSoon(deps: Pick<Dependencies, 'temporal' | 'config' | 'logger'>, approval: Startable): Promise<void> {
  try {
    await startApproval(deps, approval);
  } catch (error) {
    deps.logger.warn('an approval could not be started now; the worker will start it', { approvalId: approval.id, error });
  }
}
