import type { Queryable } from '../../platform/postgres';

/** Revision of the evidence that a person voted on last; null when they never did, or their name was erased. */
export async function votedRevision(db: Queryable, approvalId: string, person: string): Promise<number | null> {
  const { rows: [row] } = await db.query<{ revision: number | null }>(
    `with voted as (
       select max(seq) as seq from approval_record
       where approval_id = $1 and entry ->> 'type' = 'voted' and entry -> 'personal' -> 'by' ->> 'value' = $2)
     select case when (select seq from voted) is not null then 1 + count(*)::int end as revision
     from approval_record where approval_id = $1 and entry ->> 'type' = 'resubmitted' and seq < (select seq from voted)`,
    [approvalId, person]);
  return row?.revision ?? null;
}
