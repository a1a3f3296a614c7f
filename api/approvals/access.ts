import { AppError } from '../../domain/errors';
import { concerns, findApproval, type ApprovalRow } from '../../db/approvals/approval-queries';
import type { Caller } from '../auth';
import { mayUse } from '../roles';
import type { Call } from '../route';

/** Whether somebody may read requests that do not concern them. */
export const seesAll = ({ roles }: Pick<Caller, 'roles'>): boolean => mayUse(roles, 'viewer');

/** The request, for those who may know of it: viewers, and whomever it concerns. @throws AppError `not_found` */
export async function visibleApproval({ deps, caller }: Pick<Call<unknown, unknown, unknown>, 'deps' | 'caller'>, id: string): Promise<ApprovalRow> {
  const row = await findApproval(deps.pool, id);
  const visible = row && (seesAll(caller) || row.requester === caller.name || (await concerns(deps.pool, id, caller.name)));
  if (!visible) throw new AppError('not_found', `There is no approval ${id}.`);
  return row;
}
