import type { ApprovalParent } from '../../domain/approval/parent';
import { snapshotPolicy } from '../../domain/approval/policy';
import type { Approvers } from '../../domain/approval/policy-schema';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import { peopleOf } from '../../domain/approval/rights';
import { standingText } from '../../domain/approval/standing-text';
import { deadlineOf, openApproval, type ApprovalState } from '../../domain/approval/state';
import { timetableOf } from '../../domain/approval/timetable';
import { AppError } from '../../domain/errors';
import type { Fault } from '../../domain/pipeline/fault';
import { jsonParameter, type PoolClient, type Queryable } from '../../platform/postgres';
import type { ApprovalRow } from './approval-queries';
import { delegationsOf } from './delegations';
import { sealForRequest, storeEvidence, type SealedEvidence } from './evidence';
import { resolvePeople } from './people';

/** A request as its acceptance needs it; `id` is a UUIDv7. */
export interface NewApproval {
  id: string;
  workflowId: string;
  request: ApprovalRequest;
  requester: string;
  /** The step that asks. */
  parent?: ApprovalParent;
  /** When it is made, in milliseconds since 1970: its deadlines count from here. */
  at: number;
}

/** A request that is accepted. */
export type OpenedRow = Pick<ApprovalRow,
  'id' | 'workflowId' | 'runId' | 'task' | 'instance' | 'title' | 'requester' | 'request' | 'state' | 'standing' | 'createdAt' | 'seq'>;

const columns = 'id, workflow_id as "workflowId", run_id as "runId", task, nullif(instance, -1) as instance, title, requester, request, state, standing, created_at as "createdAt", seq';

/** The request that a workflow carries, or that has this id. */
export async function findOpened(db: Queryable, by: { id: string } | { workflowId: string }): Promise<OpenedRow | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['workflow_id', by.workflowId];
  const { rows } = await db.query<OpenedRow>({ name: `find-opened-${column}`, text: `select ${columns} from approvals where ${column} = $1`, values: [value] });
  return rows[0];
}

/**
 * Accepts a request: its people, moments and evidence are worked out and kept, so that nothing that is changed later
 * changes it. From here it is never lost. Runs inside the caller's transaction; the same workflow id again finds it.
 * @throws AppError `request.invalid` with everything that keeps it from ever being decided; paths point into the request
 */
export async function newApproval(client: PoolClient, approval: NewApproval): Promise<OpenedRow> {
  const known = await findOpened(client, { workflowId: approval.workflowId });
  if (known) return known;
  const { state, evidence } = await opened(client, approval);
  const row = await insert(client, approval, state);
  await storeEvidence(client, row.id, evidence, 1);
  await client.query({
    name: 'store-people',
    text: 'insert into approval_people (approval_id, person, awaited) select $1, p.person, p.awaited from json_to_recordset($2) as p (person text, awaited boolean)',
    values: [row.id, jsonParameter(peopleOf(state, approval.at))],
  });
  return row;
}

async function opened(client: PoolClient, { request, requester, at }: NewApproval): Promise<{ state: ApprovalState; evidence: SealedEvidence }> {
  const resolve = await resolvePeople(client, approversIn(request));
  const { snapshot: policy, faults: policyFaults } = snapshotPolicy({ policy: request.policy, escalation: request.escalation, requester, resolve });
  const { timetable, faults: timeFaults } = timetableOf(request, at);
  const evidence = await sealForRequest(client, request);
  const unknown = policyFaults.length > 0 ? strangerFaults(request, resolve) : [];
  refuse([...policyFaults, ...unknown, ...timeFaults, ...evidence.faults]);
  const { form } = request;
  const approvers = [...policy.stages.flatMap(({ panels }) => panels.flatMap(({ members }) => members)), ...policy.escalation.flat()];
  const delegations = await delegationsOf(client, approvers, at);
  return { state: openApproval({ requester, policy, timetable, evidenceHash: evidence.evidenceHash, delegations, ...(form && { form }) }), evidence };
}

function approversIn({ policy, escalation = [] }: ApprovalRequest): Approvers[] {
  const stages = policy.stages ?? [policy];
  const lists = stages.flatMap(({ approvers, panels = [] }) => [approvers, ...panels.map((panel) => panel.approvers)]);
  return [...lists.filter((approvers) => approvers !== undefined), ...escalation.map(({ to }) => to)];
}

/** Often the reason why a policy cannot be fulfilled: a name that is misspelt. */
function strangerFaults(request: ApprovalRequest, resolve: (approvers: Approvers) => string[]): Fault[] {
  const named = new Set(approversIn(request).flatMap(({ users = [] }) => users));
  return [...named].filter((name) => resolve({ users: [name] }).length === 0).map((name) => ({ code: 'approval.policy', message: `nobody called "${name}" has a key that can be used`, path: '/policy' }));
}

function refuse(faults: Fault[]): void {
  if (faults.length === 0) return;
  throw new AppError('request.invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '), { details: { errors: faults.map((fault) => ({ ...fault })) } });
}

async function insert(client: PoolClient, approval: NewApproval, state: ApprovalState): Promise<OpenedRow> {
  const { id, workflowId, requester, parent, at } = approval;
  const { evidence: _kept, ...request } = approval.request;
  const { rows } = await client.query<OpenedRow>({
    name: 'insert-approval',
    text: `insert into approvals (id, workflow_id, run_id, task, instance, generation, title, requester, request, evidence_hash, state, standing, deadline, created_at, dispatched_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, to_timestamp($13::double precision / 1000), to_timestamp($14::double precision / 1000), now())
      returning ${columns}`,
    values: [
      id, workflowId, parent?.runId ?? null, parent?.task ?? null, parent?.unit.instance ?? null, parent?.generation ?? null,
      request.title, requester, jsonParameter(request), state.evidence.hash, jsonParameter(state), standingText(state, at), deadlineOf(state) ?? null, at,
    ],
  });
  if (!rows[0]) throw new AppError('internal', `The request ${id} was not stored`);
  return rows[0];
}
