import type { z } from 'zod';
import { recordAudit } from '../../db/audit';
import { tokenLifetimeMs } from '../../platform/approval-tokens';
import type { Config } from '../../platform/config';
import type { Call } from '../route';
import { visibleApproval } from './access';
import type { credentialSchema } from './schemas';

/**
 * A credential with which whoever calls acts from Temporal's own tools. It is short-lived, because it stays in the
 * history of the workflow.
 * @throws AppError `not_found`, `key_missing`
 */
export async function makeCredential(call: Call<{ id: string }, unknown, unknown>): Promise<z.input<typeof credentialSchema>> {
  const { deps, caller, by, params: { id } } = call;
  const { workflowId } = await visibleApproval(call, id);
  const expiresAt = Date.now() + tokenLifetimeMs.signal;
  const credential = deps.approvalTokens.seal('signal', { approval: id, person: caller.name, expiresAt });
  await recordAudit(deps.pool, by, { action: 'approval.credential', target: `approval/${id}` });
  return { credential, person: caller.name, expiresAt: new Date(expiresAt).toISOString(), workflowId, command: commandOf(deps.config, workflowId, credential) };
}

/** Ready to be pasted into a shell. */
function commandOf({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE }: Config, workflowId: string, credential: string): string {
  const input = JSON.stringify({ decision: 'approve', credential });
  return `temporal workflow signal --address ${TEMPORAL_ADDRESS} --namespace ${TEMPORAL_NAMESPACE} --workflow-id ${quoted(workflowId)} --name decide --input ${quoted(input)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
