import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { recordAudit } from '../../db/audit';
import { listEvidence } from '../../db/approvals/approval-queries';
import { newApproval, type OpenedRow } from '../../db/approvals/open';
import { requireApprovalKey } from '../../platform/approval-tokens';
import { approvalWorkflowId } from '../../workflows/approval/contract';
import { once } from '../idempotency';
import type { Call, Reply } from '../route';
import { requireApproval } from './act';
import { startApprovalSoon } from './dispatch';
import { approvalSchema, type newApprovalSchema } from './schemas';
import { approvalView, placeOf } from './views';

type NewApprovalCall = Call<unknown, unknown, z.output<typeof newApprovalSchema>>;

/**
 * Accepts a request, answers, and asks Temporal for its workflow without making the caller wait for that.
 * @throws AppError `key_missing` where nobody could decide it; as `newApproval` and `once` do
 */
export async function createApproval(call: NewApprovalCall): Promise<Reply<z.input<typeof approvalSchema>>> {
  const { deps, by, log } = call;
  requireApprovalKey(deps.config);
  let opened: OpenedRow | undefined;
  const reply = await once(call, approvalSchema, async (client) => {
    const id = uuidv7();
    opened = await newApproval(client, { id, workflowId: approvalWorkflowId(id), request: call.body, requester: call.caller.name, at: Date.now() });
    await recordAudit(client, by, { action: 'approval.create', target: `approval/${id}`, data: { title: call.body.title } });
    const [evidence] = await listEvidence(client, id);
    const body = approvalView(deps.config, await requireApproval(client, id), evidence?.items ?? [], Date.now());
    return { status: 201, body, headers: { Location: placeOf(id) } };
  });
  if (opened) {
    log.info('an approval was asked for', { approvalId: opened.id });
    void startApprovalSoon(deps, opened);
  }
  return reply;
}
