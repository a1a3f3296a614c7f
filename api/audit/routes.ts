import { z } from 'zod';
import { listAudit, type AuditRow } from '../../db/audit';
import { noBody } from '../body';
import { cutPage, decodeCursor } from '../pages';
import { nothing, route } from '../route';
import { auditPageSchema, auditQuerySchema, type auditEntrySchema } from './schemas';

const view = (row: AuditRow): z.output<typeof auditEntrySchema> => ({ ...row, at: row.at.toISOString() });
const dateOf = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

/** The audit is read and never written over the API: entries come with the changes that they are about. */
export const auditRoutes = [
  route({
    method: 'get', path: '/v1/audit', tag: 'identities', access: 'operator', summary: 'Who did what, newest first',
    params: nothing, query: auditQuerySchema, body: noBody, success: { 200: 'a page of changes' }, result: auditPageSchema,
    async handle({ deps, query: { limit, cursor, after, before, ...filter } }) {
      const page = { before: decodeCursor(z.int().positive(), cursor), limit: limit + 1 };
      const rows = await listAudit(deps.pool, { ...filter, after: dateOf(after), before: dateOf(before) }, page);
      return { status: 200, body: cutPage(rows, limit, view, (row) => row.id) };
    },
  }),
];
