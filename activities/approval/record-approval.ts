import { recordActs } from '../../db/approvals/record';
import type { ApprovalActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';

/** Writes what happened to a request to its record and to what is read of it. */
export const recordApprovalActivity = ({ pool, config }: Pick<ActivityDependencies, 'pool' | 'config'>): Pick<ApprovalActivities, 'recordApproval'> => ({
  recordApproval: (input) => recordActs(pool, input, config.DATAMCP_APPROVAL_WEBHOOKS),
});
