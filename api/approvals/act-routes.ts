import { sealForRequest, storeEvidence } from '../../db/approvals/evidence';
import { decide } from '../../domain/approval/decide';
import { invalidRequest } from '../json-guard';
import { jsonBody } from '../body';
import { nothing, route, type Call } from '../route';
import { requireApproval } from './act';
import { decideMany } from './bulk';
import { makeCredential } from './credential';
import { perform } from './perform';
import { refusalError } from './refusals';
import {
  actResultSchema, approvalParams, bulkDecisionsSchema, bulkResultSchema, changesSchema, commentSchema, credentialSchema, decisionSchema, delegationRequestSchema,
  newEvidenceSchema, withdrawalSchema,
} from './schemas';

const tag = 'approvals';
const counted = { 200: 'it counted, or says what is so already', 202: 'not yet confirmed: it is carried out as soon as a worker runs. Look at `Location`' };
const common = { method: 'post', tag, access: 'anyone', params: approvalParams, query: nothing, headers: ['Idempotency-Key'], success: counted, result: actResultSchema } as const;
const evidenceBytes = 4 * 1024 * 1024;

type EvidenceCall = Call<{ id: string }, unknown, { evidence: Parameters<typeof sealForRequest>[1]['evidence'] }>;

/** Keeps new evidence before it is submitted. Whose it is not to submit is told so first, and not which artifacts there are. */
async function keptEvidence({ deps, caller, params: { id }, body: { evidence } }: EvidenceCall): Promise<string> {
  const { request, state } = await requireApproval(deps.pool, id);
  const answer = decide(state, { type: 'resubmit', by: caller.name, at: Date.now(), evidenceHash: '' });
  if (!answer.accepted) throw refusalError(answer.refusal, state.status);
  const sealed = await sealForRequest(deps.pool, { ...request, evidence });
  if (sealed.faults.length > 0) throw invalidRequest(sealed.faults);
  await storeEvidence(deps.pool, id, sealed, null);
  return sealed.evidenceHash;
}

export const approvalActRoutes = [
  route({
    ...common, path: '/v1/approvals/decisions', summary: 'Decide several approvals', params: nothing, body: jsonBody(bulkDecisionsSchema),
    success: { 200: 'what became of each' }, result: bulkResultSchema,
    handle: decideMany,
  }),
  route({
    ...common, path: '/v1/approvals/{id}/decisions', summary: 'Approve, reject or abstain', body: jsonBody(decisionSchema),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'decide', args: call.body })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/comments', summary: 'Say something', body: jsonBody(commentSchema),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'comment', args: call.body })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/changes', summary: 'Give it back to its requester, who answers with new evidence', body: jsonBody(changesSchema),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'requestChanges', args: call.body })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/evidence', summary: 'Submit new evidence: votes on the old lapse', body: jsonBody(newEvidenceSchema, evidenceBytes),
    handle: (call) => perform(call, call.params.id, async () => ({ name: 'resubmit', args: { evidenceHash: await keptEvidence(call), comment: call.body.comment } })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/revoke', summary: 'Take back the own vote, or the own request for changes', body: jsonBody(nothing),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'revoke', args: {} })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/delegate', summary: 'Lend the own vote to somebody', body: jsonBody(delegationRequestSchema),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'delegate', args: call.body })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/withdraw', summary: 'End it without a decision', body: jsonBody(withdrawalSchema),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'withdraw', args: call.body })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/remind', summary: 'Tell those whom it waits for', body: jsonBody(nothing),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'remind', args: {} })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/escalate', summary: 'Ask those whom its next deadline would bring in', body: jsonBody(nothing),
    handle: (call) => perform(call, call.params.id, () => ({ name: 'escalate', args: {} })),
  }),
  route({
    ...common, path: '/v1/approvals/{id}/credential', summary: 'A credential to act with from the Temporal UI or CLI', body: jsonBody(nothing), headers: [],
    success: { 201: 'made; good for a quarter of an hour' }, result: credentialSchema,
    async handle(call) {
      return { status: 201, body: await makeCredential(call) };
    },
  }),
];
