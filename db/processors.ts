import type { Catalogue, CatalogueEntry } from '../domain/pipeline/catalogue';
import { transaction, type Pool, type Queryable } from '../platform/postgres';

export interface ProcessorRow extends CatalogueEntry {
  publishedAt: Date;
}

const columns = `name, title, description, version, mode, input_schema as "inputSchema", output_schema as "outputSchema",
  literal, published_at as "publishedAt"`;

/**
 * Makes known what the processors of this worker take and give. Workers that start together publish the same rows, so
 * they do it in the order of names: two of them then wait for each other instead of deadlocking.
 */
export async function publishCatalogue(pool: Pool, entries: readonly CatalogueEntry[]): Promise<void> {
  const ordered = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  await transaction(pool, async (client) => {
    for (const entry of ordered) await publish(client, entry);
  });
}

async function publish(db: Queryable, entry: CatalogueEntry): Promise<void> {
  await db.query(
    `insert into processors (name, title, description, version, mode, input_schema, output_schema, literal)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (name) do update set title = excluded.title, description = excluded.description, version = excluded.version,
       mode = excluded.mode, input_schema = excluded.input_schema, output_schema = excluded.output_schema,
       literal = excluded.literal, published_at = now()`,
    [entry.name, entry.title, entry.description ?? null, entry.version, entry.mode, JSON.stringify(entry.inputSchema),
      JSON.stringify(entry.outputSchema), JSON.stringify(entry.literal ?? [])]);
}

/** All processors that workers published, by name. */
export async function listProcessors(db: Queryable): Promise<ProcessorRow[]> {
  const { rows } = await db.query<ProcessorRow>(`select ${columns} from processors order by name`);
  return rows;
}

export async function findProcessor(db: Queryable, name: string): Promise<ProcessorRow | undefined> {
  const { rows } = await db.query<ProcessorRow>(`select ${columns} from processors where name = $1`, [name]);
  return rows[0];
}

/** The catalogue that definitions are checked against. */
export async function loadCatalogue(db: Queryable): Promise<Catalogue> {
  const rows = await listProcessors(db);
  return new Map(rows.map(({ publishedAt: _, description, ...entry }): [string, CatalogueEntry] =>
    [entry.name, { ...entry, ...(description != null && { description }) }]));
}
