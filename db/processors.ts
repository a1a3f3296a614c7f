import type { Catalogue, CatalogueEntry } from '../domain/pipeline/catalogue';
import { transaction, type Pool, type Queryable } from '../platform/postgres';

export interface ProcessorRow extends Omit<CatalogueEntry, 'withdrawnAt'> {
  /** When a worker last said that it has it. */
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

/** How often a worker says which processors it has, at most, and how long after the last word a processor is withdrawn. */
const offer = { everySeconds: 30, goodForSeconds: 300 };

/** Says that a worker has these processors now. Rows that another worker is about to write are left to it. */
export async function offerProcessors(db: Queryable, names: readonly string[]): Promise<void> {
  await db.query(
    `update processors set published_at = now() where name in (
       select name from processors where name = any($1) and published_at < now() - make_interval(secs => $2) order by name for update skip locked)`,
    [names, offer.everySeconds]);
}

/** Compared with the newest word of any worker, not with the clock: while no worker runs, all processors stay. */
const isWithdrawn = `published_at < (select max(published_at) from processors) - make_interval(secs => ${offer.goodForSeconds})`;

/** All processors that workers have, by name. */
export async function listProcessors(db: Queryable): Promise<ProcessorRow[]> {
  const { rows } = await db.query<ProcessorRow>(`select ${columns} from processors where not (${isWithdrawn}) order by name`);
  return rows;
}

export async function findProcessor(db: Queryable, name: string): Promise<ProcessorRow | undefined> {
  const { rows } = await db.query<ProcessorRow>(`select ${columns} from processors where name = $1 and not (${isWithdrawn})`, [name]);
  return rows[0];
}

/** The catalogue that definitions are checked against, with those that were withdrawn: what names one is told so. */
export async function loadCatalogue(db: Queryable): Promise<Catalogue> {
  const { rows } = await db.query<ProcessorRow & { withdrawn: boolean }>(`select ${columns}, ${isWithdrawn} as withdrawn from processors order by name`);
  return new Map(rows.map(({ publishedAt, withdrawn, description, ...entry }): [string, CatalogueEntry] =>
    [entry.name, { ...entry, ...(description != null && { description }), ...(withdrawn && { withdrawnAt: publishedAt.toISOString() }) }]));
}
