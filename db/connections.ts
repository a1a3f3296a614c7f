import { connectionSettings, type ConnectionSettings } from '../platform/connection-settings';
import type { ConnectionDirectory } from '../platform/connections';
import type { Queryable } from '../platform/postgres';

export interface ConnectionRow {
  name: string;
  settings: ConnectionSettings;
  createdAt: Date;
  createdBy: string;
  updatedAt: Date;
  updatedBy: string;
}

type StoredRow = Omit<ConnectionRow, 'settings'> & { settings: unknown };

const columns = `name, settings, created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", updated_by as "updatedBy"`;

const rowOf = (row: StoredRow): ConnectionRow => ({ ...row, settings: connectionSettings.parse(row.settings) });

/** Stores a connection; the one of the same name is replaced. */
export async function putConnection(db: Queryable, connection: { name: string; settings: ConnectionSettings; by: string }): Promise<ConnectionRow> {
  const { name, settings, by } = connection;
  const { rows: [row] } = await db.query<StoredRow>(
    `insert into connections (name, kind, settings, created_by, updated_by) values ($1, $2, $3, $4, $4)
     on conflict (name) do update set kind = excluded.kind, settings = excluded.settings, updated_at = now(), updated_by = excluded.updated_by
     returning ${columns}`, [name, settings.kind, JSON.stringify(settings), by]);
  if (row === undefined) throw new Error('the row that was written did not come back');
  return rowOf(row);
}

export async function findConnection(db: Queryable, name: string): Promise<ConnectionRow | undefined> {
  const { rows: [row] } = await db.query<StoredRow>(`select ${columns} from connections where name = $1`, [name]);
  return row && rowOf(row);
}

/** Connections after the one called `after`, by name. */
export async function listConnections(db: Queryable, page: { after?: string | undefined; limit: number }): Promise<ConnectionRow[]> {
  const { rows } = await db.query<StoredRow>(
    `select ${columns} from connections where $1::text is null or name > $1 order by name limit $2`, [page.after ?? null, page.limit]);
  return rows.map(rowOf);
}

export async function deleteConnection(db: Queryable, name: string): Promise<ConnectionRow | undefined> {
  const { rows: [row] } = await db.query<StoredRow>(`delete from connections where name = $1 returning ${columns}`, [name]);
  return row && rowOf(row);
}

/** Connections that were made over the API, as processors look them up: with each use, so that a change counts at once. */
export const storedConnections = (db: Queryable): ConnectionDirectory => ({
  async find(name) {
    return (await findConnection(db, name))?.settings;
  },
  async names() {
    const { rows } = await db.query<{ name: string }>('select name from connections order by name');
    return rows.map(({ name }) => name);
  },
});
