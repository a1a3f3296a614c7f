import type { Delegation } from '../../domain/approval/state';
import type { Queryable } from '../../platform/postgres';

/** An absence that is known ahead. */
export interface DelegationRow {
  id: string;
  /** Whose votes these are. */
  person: string;
  delegate: string;
  since: Date;
  until: Date;
}

const columns = 'id, person, delegate, since, until';

export async function insertDelegation(db: Queryable, { id, person, delegate, since, until }: DelegationRow): Promise<void> {
  await db.query('insert into delegations (id, person, delegate, since, until) values ($1, $2, $3, $4, $5)', [id, person, delegate, since, until]);
}

/** Those of a person that have not ended, the newest first. */
export async function listDelegations(db: Queryable, person: string): Promise<DelegationRow[]> {
  const { rows } = await db.query<DelegationRow>(`select ${columns} from delegations where person = $1 and until > now() order by id desc`, [person]);
  return rows;
}

/** @returns the one that was deleted; undefined when the person has none of this id */
export async function deleteDelegation(db: Queryable, person: string, id: string): Promise<DelegationRow | undefined> {
  const { rows } = await db.query<DelegationRow>(`delete from delegations where person = $1 and id = $2 returning ${columns}`, [person, id]);
  return rows[0];
}

/** What a request that is made now begins with: the absences of its approvers that have not ended, oldest first. @param at milliseconds since 1970 */
export async function delegationsOf(db: Queryable, approvers: readonly string[], at: number): Promise<Delegation[]> {
  const { rows } = await db.query<DelegationRow>({
    name: 'delegations-of', text: `select ${columns} from delegations where person = any ($1) and until > $2 order by id`, values: [approvers, new Date(at)],
  });
  return rows.map(({ person: from, delegate: to, since, until }) => ({ from, to, since: since.getTime(), until: until.getTime() }));
}
