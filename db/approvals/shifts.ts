import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { nextShift, peopleOf } from '../../domain/approval/rights';
import type { ApprovalState } from '../../domain/approval/state';
import { jsonParameter, transaction, type PoolClient } from '../../platform/postgres';

interface ShiftedRow { id: string; seq: number; state: ApprovalState }

/**
 * Brings the inboxes of open requests up to date in which a delegation has begun or ended since, and has those told who
 * stand in from now on. Nothing else happened: the record has no entry of it.
 * @param at milliseconds since 1970
 * @param max how many requests at most
 */
export async function shiftPeople(pool: Pool, at: number, max: number): Promise<void> {
  await transaction(pool, async (client) => {
    const { rows } = await client.query<ShiftedRow>({
      name: 'find-shifted-approvals',
      text: 'select id, seq, state from approvals where people_change_at <= $1 order by people_change_at limit $2 for update skip locked',
      values: [new Date(at), max],
    });
    for (const row of rows) await shift(client, row, at);
  });
}

/** Whoever comes in by time stands in for somebody: approvers themselves come in by what is done. */
async function shift(client: PoolClient, { id, seq, state }: ShiftedRow, at: number): Promise<void> {
  const people = peopleOf(state, at).map((each) => ({ ...each, notice: uuidv7() }));
  await client.query({
    name: 'shift-people',
    text: `
    with people as (select person, awaited, notice from json_to_recordset($2::json) as p (person text, awaited boolean, notice uuid)),
    shifted as (
      update approval_people a set awaited = p.awaited from people p where a.approval_id = $1 and a.person = p.person and a.awaited <> p.awaited
      returning a.person, a.awaited),
    told as (
      insert into approval_notices (id, approval_id, seq, kind, channel, person)
      select p.notice, $1, $3, 'delegation_begun', 'mail', person from shifted join people p using (person) where shifted.awaited
      on conflict (approval_id, seq, kind, channel, person) do update
        set id = excluded.id, created_at = now(), due_at = now(), sent_at = null, attempts = 0, error = null
      returning 1)
    update approvals set people_change_at = to_timestamp($4::double precision / 1000) where id = $1
    returning case when exists (select from told) then pg_notify('approval_notice', '') end`,
    values: [id, jsonParameter(people), seq, nextShift(state, at)],
  });
}
