import { z } from 'zod';
import { invalidRequest } from './json-guard';

/** Query of a list: keyset pages, so that a list does not shift while one reads it. */
export const pageQuery = (most = 1_000) => z.strictObject({
  limit: z.coerce.number({ error: ({ code }) => (code === 'invalid_type' ? 'must be one whole number' : undefined) }).int().min(1).max(most).default(Math.min(100, most)).describe('items of a page'),
  cursor: z.string().max(1_000).optional().describe('`nextCursor` of the page before'),
});

/** A page of these items. */
export const pageOf = <S extends z.ZodType>(item: S, name: string) => z.object({
  items: z.array(item),
  nextCursor: z.string().nullable().describe('null on the last page'),
}).meta({ id: `${name}Page` });

/** A place in a list, as clients see it: opaque, so that nobody builds one. */
export const encodeCursor = (place: string | number): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** The place of a cursor. @throws AppError `request.invalid` when it is none of ours */
export function decodeCursor<S extends z.ZodType>(place: S, cursor: string | undefined): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = place.safeParse(tryJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success) throw invalidRequest([{ code: 'bad_cursor', message: 'not a cursor of this list', path: '/cursor' }]);
  return parsed.data;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Cuts a page from rows that were asked for with one more than fits: the one more says that there is a next page.
 * @param placeOf what the cursor remembers of the last row
 */
export function cutPage<T, V>(rows: T[], limit: number, view: (row: T) => V, placeOf: (row: T) => string | number): { items: V[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(view), nextCursor: more ? encodeCursor(placeOf(last)) : null };
}
