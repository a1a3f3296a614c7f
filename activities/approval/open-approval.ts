import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { findOpened, newApproval, type OpenedRow } from '../../db/approvals/open';
import { recordIn } from '../../db/approvals/record';
import type { RecordedAct } from '../../domain/approval/recorded-act';
import { approvalRequestSchema } from '../../domain/approval/request-schema';
import { AppError } from '../../domain/errors';
import { parseJson, type Json } from '../../domain/json';
import { requireApprovalKey } from '../../platform/approval-tokens';
import { jsonParameter, transaction, type PoolClient } from '../../platform/postgres';
import type { ApprovalActivities, OpenApprovalInput, OpenedApproval } from '../contract';
import type { ActivityDependencies } from '../dependencies';

type Webhooks = ActivityDependencies['config']['DATAMCP_APPROVAL_WEBHOOKS'];

/** Finds a request that the API has accepted, or accepts one that a step or Temporal's own tools ask for. */
export const openApprovalActivity = ({ pool, config }: Pick<ActivityDependencies, 'pool' | 'config'>): Pick<ApprovalActivities, 'openApproval'> => ({
  openApproval: async (input) => {
    try {
      // One that the API has accepted is decided as soon as this worker has the key, too.
      if ('request' in input) requireApprovalKey(config);
      return await transaction(pool, (client) => open(client, input, config.DATAMCP_APPROVAL_WEBHOOKS));
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      const { message, details } = error;
      const code = error.code === 'request.invalid' ? 'input_invalid' : error.code;
      return { refused: { code, message, retryable: false, ...(details !== undefined && { details }) } };
    }
  },
});

async function open(client: PoolClient, input: OpenApprovalInput, webhooks: Webhooks): Promise<OpenedApproval> {
  const row = 'approvalId' in input ? await findOpened(client, { id: input.approvalId }) : await accept(client, input);
  if (!row || row.workflowId !== input.workflowId) throw new AppError('not_found', `${input.workflowId} is not the workflow of an accepted request`);
  if (row.seq === 0) {
    const { id, state, standing } = row;
    await recordIn(client, { approvalId: id, after: 0, acts: [firstAct(row, wayOf(input))], state, standing }, webhooks);
  }
  return { approvalId: row.id, title: row.title, state: row.state, seq: Math.max(row.seq, 1) };
}

function accept(client: PoolClient, { workflowId, startedAtMs, request: given, parent }: Extract<OpenApprovalInput, { request: unknown }>): Promise<OpenedRow> {
  // As Postgres can keep it, so that no text in it stops a later write.
  const { data: request, error } = approvalRequestSchema.safeParse(parseJson(jsonParameter(given)));
  if (!request) throw new AppError('input_invalid', error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`).join('; '));
  const id = uuidv7({ msecs: startedAtMs, seq: 0, random: createHash('sha256').update(workflowId).digest().subarray(0, 16) });
  return newApproval(client, { id, workflowId, request, requester: parent?.requestedBy ?? 'temporal', at: startedAtMs, ...(parent && { parent }) });
}

function wayOf(input: OpenApprovalInput): string {
  if ('approvalId' in input) return 'api';
  return input.parent ? 'run' : 'signal';
}

/** What is asked, of whom and on what evidence: the first entry of the record. */
function firstAct({ title, runId, task, instance, request, requester, state, createdAt }: OpenedRow, channel: string): RecordedAct {
  const { policy, timetable, evidence } = state;
  return {
    at: createdAt.getTime(), type: 'requested',
    body: { title, run: runId, task, instance, evidenceHash: evidence.hash, revision: evidence.revision, timetable: asJson(timetable), channel },
    personal: { by: requester, request: asJson(request), policy: asJson(policy) },
  };
}

const asJson = (value: object): Json => parseJson(JSON.stringify(value));
