import type { Queryable } from '../../platform/postgres';
import { usable } from './people';

/** The person who has a usable key under this name, or with this mail address; null when there is none, or when the address is that of several. */
export async function knownPerson(db: Queryable, nameOrAddress: string): Promise<string | null> {
  const { rows } = await db.query<{ name: string; exact: boolean }>(
    `select distinct subject_name as name, subject_name = $1 as exact from keys
     where (subject_name = $1 or lower(subject_email) = lower($1)) and ${usable}
     order by exact desc limit 2`,
    [nameOrAddress]);
  const [first, second] = rows;
  return first && (first.exact || !second) ? first.name : null;
}

export async function hasUsableKey(db: Queryable, person: string): Promise<boolean> {
  const { rowCount } = await db.query(`select from keys where subject_name = $1 and ${usable} limit 1`, [person]);
  return rowCount === 1;
}
