import { recordActs } from '../../db/approvals/record';
import { withLogFields } from '../../platform/log-fields';
import type { ApprovalActivities, RecordApprovalInput } from '../contract';
import type { ActivityDependencies } from '../dependencies';

type Needed = Pick<ActivityDependencies, 'pool' | 'config' | 'logger' | 'metrics'>;

/** Writes what happened to a request to its record and to what is read of it. */
export const recordApprovalActivity = (dependencies: Needed): Pick<ApprovalActivities, 'recordApproval'> => ({
  recordApproval: (input) => withLogFields({ approvalId: input.approvalId }, async () => {
    const recorded = await recordActs(dependencies.pool, input, dependencies.config.DATAMCP_APPROVAL_WEBHOOKS);
    tellEnd(input, dependencies);
    return recorded;
  }),
});

/** One line for the end of a request, with the id of the HTTP request that brought it about, if one did. */
function tellEnd({ acts, state: { outcome } }: RecordApprovalInput, { metrics, logger }: Needed): void {
  if (!outcome || !acts.some(({ type }) => type === 'decided')) return;
  const requestId = acts.findLast(({ audit }) => audit)?.audit?.requestId ?? undefined;
  metrics.countApproval(outcome.status);
  logger.info('an approval ended', { status: outcome.status, cause: outcome.cause, requestId });
}
