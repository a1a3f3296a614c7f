import { erasedName, erasedParts, forget, policyWithoutNames, withoutNames } from '../../domain/approval/erasure';
import { erasePersonal, type RecordEntry } from '../../domain/approval/record';
import { standingText } from '../../domain/approval/standing-text';
import type { ApprovalState, Outcome } from '../../domain/approval/state';
import { AppError } from '../../domain/errors';
import { parseJson, type Json } from '../../domain/json';
import { jsonParameter, type PoolClient } from '../../platform/postgres';
import { findApproval, listRecord, type ApprovalRow } from './approval-queries';

/**
 * Erases what is kept about a person in a request that has ended, or about everybody: values of its record, whose
 * chain stays right, and names in what is shown of it. Runs inside the caller's transaction.
 * @returns how many values of the record are gone by it
 * @throws AppError `not_found`; `approval.not_possible` while it is open: its decision depends on who is who
 */
export async function erasePeople(client: PoolClient, approvalId: string, person: string | null): Promise<number> {
  await client.query('select from approvals where id = $1 for update', [approvalId]);
  const row = await findApproval(client, approvalId);
  if (!row) throw new AppError('not_found', `There is no approval ${approvalId}.`);
  if (!row.finishedAt) throw new AppError('approval.not_possible', 'It is open, and its decision depends on who is who. Erase when it has ended.', { details: { currentStatus: row.status } });
  const people = person === null ? await peopleOf(client, approvalId) : [person];
  const before = await listRecord(client, approvalId);
  const after = before.map((entry) => (person === null ? erasePersonal(entry) : forget(entry, person)));
  await replaceEntries(client, approvalId, after);
  await replaceNames(client, row, new Set(people));
  await client.query('delete from approval_people where approval_id = $1 and person = any ($2)', [approvalId, people]);
  // What has been told is known to whom it was told; what is due goes out first.
  await client.query('delete from approval_notices where approval_id = $1 and person = any ($2) and due_at is null', [approvalId, people]);
  return countErased(after) - countErased(before);
}

const countErased = (entries: readonly RecordEntry[]): number => entries.reduce((sum, entry) => sum + erasedParts(entry), 0);

async function peopleOf(client: PoolClient, approvalId: string): Promise<string[]> {
  const { rows } = await client.query<{ person: string }>('select person from approval_people where approval_id = $1', [approvalId]);
  return rows.map(({ person }) => person);
}

async function replaceEntries(client: PoolClient, approvalId: string, entries: readonly RecordEntry[]): Promise<void> {
  await client.query(
    `update approval_record r set entry = n.entry from (select (entry ->> 'seq')::int as seq, entry from json_array_elements($2::json) as entry) n
     where r.approval_id = $1 and r.seq = n.seq`,
    [approvalId, jsonParameter(entries)]);
}

async function replaceNames(client: PoolClient, { id, requester, request, state, outcome }: ApprovalRow, people: ReadonlySet<string>): Promise<void> {
  const kept = (value: object | string): Json => withoutNames(parseJson(JSON.stringify(value)), people);
  const ending = outcome && outcomeWithout(outcome, people);
  const shown: ApprovalState = { ...state, policy: policyWithoutNames(state.policy, people), ...(ending && { outcome: ending }) };
  await client.query(
    'update approvals set requester = $2, request = $3, state = $4, outcome = $5, standing = $6 where id = $1',
    [id, kept(requester), jsonParameter(kept(request)), jsonParameter(kept(shown)), ending && jsonParameter(kept(ending)), standingText(shown, ending?.at ?? 0)]);
}

/** The comment and the form are of whoever ended it. */
const outcomeWithout = (outcome: Outcome, people: ReadonlySet<string>): Outcome =>
  outcome.by !== undefined && people.has(outcome.by) ? { status: outcome.status, at: outcome.at, cause: outcome.cause, by: erasedName } : outcome;
