/** Less and more than every id of a kind, as SQL has them. */
const everyUuid = { below: "'00000000-0000-0000-0000-000000000000'", above: "'ffffffff-ffff-ffff-ffff-ffffffffffff'" };
export const everyNumber = { below: '0', above: String(Number.MAX_SAFE_INTEGER) };

/** Conditions and an order by which Postgres reads along an index. */
export interface IndexWalk {
  conditions: string[];
  order: string;
}

/**
 * The newest rows of one kind, along the index (column, id). Of `column = value order by id desc` the planner thinks that
 * such rows are everywhere: it goes along the primary key, and reads all that are newer when the last one is old.
 * @param value parameter that holds the kind
 * @param before parameter that holds an id; rows are older than it
 * @param every bounds of the ids
 */
export function newestOf(column: string, value: string, id: string, before: string | undefined, every = everyUuid): IndexWalk {
  return {
    conditions: [`(${column}, ${id}) > (${value}, ${every.below})`, `(${column}, ${id}) < (${value}, ${before ?? every.above})`],
    order: `${column} desc, ${id} desc`,
  };
}

/** The newest rows of several kinds: each is read along the index, and all are merged. @param limit parameter that holds it */
export const mergedNewest = (queries: readonly string[], limit: string): string =>
  `select * from (${queries.map((query) => `(${query})`).join(' union all ')}) as found order by id desc limit ${limit}`;

/** The newest rows of all kinds. @param before parameter that holds an id; rows are older than it */
export const newest = (id: string, before: string | undefined): IndexWalk => ({ conditions: before === undefined ? [] : [`${id} < ${before}`], order: `${id} desc` });
