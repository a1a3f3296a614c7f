import { claimsOf } from '../../domain/approval/claims';
import type { Approvers } from '../../domain/approval/policy-schema';
import type { ApprovalRequest } from '../../domain/approval/request-schema';
import { rightsOf } from '../../domain/approval/rights';
import type { ApprovalState } from '../../domain/approval/state';
import type { Queryable } from '../../platform/postgres';

/** What one usable key gives to a person: the name of its subject. Several keys of one name are one person. */
interface HeldKey {
  name: string;
  roles: string[];
  groups: string[];
}

/** Of a row of `keys`. */
export const usable = 'revoked_at is null and (expires_at is null or expires_at > now())';

const overlaps = (some: readonly string[] = [], others: readonly string[]): boolean => some.some((one) => others.includes(one));

const gives = ({ name, roles, groups }: HeldKey, approvers: Approvers): boolean =>
  (approvers.users ?? []).includes(name) || overlaps(approvers.roles, roles) || overlaps(approvers.groups, groups);

/** Asks once for all these lists. @returns the people whom a list names at this moment: those who have a usable key */
export async function resolvePeople(db: Queryable, lists: readonly Approvers[]): Promise<(approvers: Approvers) => string[]> {
  const all = (of: keyof Approvers): string[] => [...new Set(lists.flatMap((approvers) => approvers[of] ?? []))];
  const { rows } = await db.query<HeldKey>({
    name: 'resolve-approvers',
    text: `select distinct subject_name as name, roles, groups from keys
      where ${usable} and (subject_name = any($1) or roles && $2 or groups && $3) order by subject_name`,
    values: [all('users'), all('roles'), all('groups')],
  });
  return (approvers) => [...new Set(rows.filter((key) => gives(key, approvers)).map(({ name }) => name))];
}

/** What of a request says who its approvers are: as they were written, and as they are kept. */
export interface Claimed {
  state: ApprovalState;
  request: Pick<ApprovalRequest, 'policy' | 'escalation'>;
}

/**
 * Whether somebody may still act in a request: they have a usable key, and they, or who delegated to them, are on every
 * list by which the snapshot made them an approver of the present stage. Whoever is no approver there has nothing to
 * lose; what they may do is for `decide` to say.
 * @param at milliseconds since 1970, for delegations that are dated
 */
export async function entitled(db: Queryable, { state, request }: Claimed, person: string, at: number): Promise<boolean> {
  const rights = rightsOf(state, person, at);
  const { rows: keys } = await db.query<HeldKey>({
    name: 'keys-of-people',
    text: `select subject_name as name, roles, groups from keys where ${usable} and subject_name = any($1)`,
    values: [[person, ...rights]],
  });
  const stillOn = (right: string, approvers: Approvers): boolean => keys.some((key) => key.name === right && gives(key, approvers));
  return keys.some(({ name }) => name === person) && rights.every((right) => claimsOf(state, request, right).every((approvers) => stillOn(right, approvers)));
}

/** Whether somebody may operate what is not theirs: by any of their keys. */
export async function isOperator(db: Queryable, person: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'is-operator', text: `select from keys where ${usable} and subject_name = $1 and roles && '{operator,admin}' limit 1`, values: [person],
  });
  return rowCount === 1;
}
