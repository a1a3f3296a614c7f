import { type z } from 'zod';
import { recordAudit } from '../../db/audit';
import { listEvidence, listRecord } from '../../db/approvals/approval-queries';
import { erasePeople } from '../../db/approvals/erasure';
import { transaction } from '../../platform/postgres';
import { noBody } from '../body';
import { route, streamed, type Call } from '../route';
import { visibleApproval } from './access';
import { requireApproval } from './act';
import { recordPage } from './record-page';
import { approvalParams, erasureQuery, erasureSchema, recordQuery, recordSchema } from './schemas';
import { approvalView, revisionViews } from './views';

const tag = 'approvals';

/** Everything that is kept of a request, as of one moment: what happens meanwhile must not look like a change. */
async function exported(call: Call<{ id: string }, unknown, unknown>): Promise<z.output<typeof recordSchema>> {
  const { deps, params: { id } } = call;
  await visibleApproval(call, id);
  const { row, evidence, entries } = await transaction(deps.pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    return { row: await requireApproval(client, id), evidence: await listEvidence(client, id), entries: await listRecord(client, id) };
  });
  const items = evidence.find(({ hash }) => hash === row.evidenceHash)?.items ?? [];
  return { approval: approvalView(deps.config, row, items, Date.now()), revisions: revisionViews(evidence), entries, head: entries.at(-1)?.hash ?? null };
}

/** A file: what is in it was written by users, and none of it may run in our origin. */
function sendPage({ response, params: { id } }: Call<{ id: string }, unknown, unknown>, page: string): void {
  response.status(200).set({
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Disposition': `attachment; filename="approval-${id}.html"`,
    'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
  }).send(page);
}

export const approvalRecordRoutes = [
  route({
    method: 'get', path: '/v1/approvals/{id}/record', tag, access: 'anyone', summary: 'The record of an approval: what was asked, shown, said and decided, as a chain of hashes',
    params: approvalParams, query: recordQuery, body: noBody, media: ['application/json', 'text/html'],
    success: { 200: 'the record; as a page for printing with `format=html`, or when the caller accepts HTML and no JSON' }, result: recordSchema,
    async handle(call) {
      const record = await exported(call);
      const format = call.query.format ?? (call.request.accepts(['json', 'html']) === 'html' ? 'html' : 'json');
      if (format === 'json') return { status: 200, body: record, headers: { 'Content-Disposition': `inline; filename="approval-${call.params.id}.json"` } };
      sendPage(call, recordPage(record, Date.now()));
      return streamed;
    },
  }),
  route({
    method: 'delete', path: '/v1/approvals/{id}/record/personal', tag, access: 'admin', summary: 'Erase what the record holds about a person, or about everybody: its chain stays right',
    params: approvalParams, query: erasureQuery, body: noBody, success: { 200: 'erased' }, result: erasureSchema,
    async handle({ deps, by, params: { id }, query: { person = null } }) {
      const erased = await transaction(deps.pool, async (client) => {
        const count = await erasePeople(client, id, person);
        // The audit does not keep whom it was about: that is what was to be forgotten.
        await recordAudit(client, by, { action: 'approval.erase', target: `approval/${id}`, data: { everybody: person === null, values: count } });
        return count;
      });
      return { status: 200, body: { erased } };
    },
  }),
];

