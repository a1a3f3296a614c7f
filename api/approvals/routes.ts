import { z } from 'zod';
import { listApprovals, listEvidence } from '../../db/approvals/approval-queries';
import { jsonBody, noBody } from '../body';
import { preferredWaitSeconds } from '../headers';
import { cutPage, decodeCursor } from '../pages';
import { nothing, route } from '../route';
import { endOfInterest } from '../runs/answers';
import { seesAll, visibleApproval } from './access';
import { createApproval } from './create';
import { approvalPageSchema, approvalParams, approvalSchema, evidenceHistorySchema, listQuery, newApprovalSchema } from './schemas';
import { approvalView, revisionViews, summaryView } from './views';
import { waitForDecision } from './wait';

const tag = 'approvals';
/** Evidence is shown, not computed with: texts, tables and charts of a report, but no files. */
const requestBytes = 4 * 1024 * 1024;

export const approvalRoutes = [
  route({
    method: 'post', path: '/v1/approvals', tag, access: 'trigger', summary: 'Ask for a decision',
    params: nothing, query: nothing, body: jsonBody(newApprovalSchema, requestBytes), headers: ['Idempotency-Key'],
    success: { 201: 'asked for: from here it is never lost' }, result: approvalSchema, handle: createApproval,
  }),
  route({
    method: 'get', path: '/v1/approvals', tag, access: 'anyone', summary: 'List approvals, newest first: all for viewers, else those that concern whoever asks',
    params: nothing, query: listQuery, body: noBody, success: { 200: 'a page of approvals' }, result: approvalPageSchema,
    async handle({ deps, caller, query: { awaiting, status, requester, run, limit, cursor } }) {
      const concerning = seesAll(caller) ? undefined : caller.name;
      const filter = { awaiting: awaiting && caller.name, concerning, statuses: status, requester, run };
      const rows = await listApprovals(deps.pool, filter, { before: decodeCursor(z.uuid(), cursor), limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, (row) => summaryView(deps.config, row), ({ id }) => id) };
    },
  }),
  route({
    method: 'get', path: '/v1/approvals/{id}', tag, access: 'anyone', summary: 'Show an approval, for viewers and whomever it concerns',
    params: approvalParams, query: nothing, body: noBody, headers: ['Prefer'], success: { 200: 'the approval' }, result: approvalSchema,
    async handle(call) {
      const { deps, params: { id } } = call;
      await visibleApproval(call, id);
      const seconds = preferredWaitSeconds(call.request);
      if (seconds > 0) await waitForDecision(deps, id, seconds, endOfInterest(call));
      const row = await visibleApproval(call, id);
      const evidence = await listEvidence(deps.pool, id);
      const items = evidence.find(({ hash }) => hash === row.evidenceHash)?.items ?? [];
      const headers: Record<string, string> = seconds > 0 ? { 'Preference-Applied': `wait=${seconds}` } : {};
      return { status: 200, body: approvalView(deps.config, row, items, Date.now()), headers };
    },
  }),
  route({
    method: 'get', path: '/v1/approvals/{id}/evidence', tag, access: 'anyone', summary: 'What approvers are shown, and what changed from revision to revision',
    params: approvalParams, query: nothing, body: noBody, success: { 200: 'the revisions, oldest first' }, result: evidenceHistorySchema,
    async handle(call) {
      await visibleApproval(call, call.params.id);
      const revisions = await listEvidence(call.deps.pool, call.params.id);
      return { status: 200, body: { items: revisionViews(revisions) } };
    },
  }),
];
