import { z } from 'zod';
import { evidenceItemSchema, evidenceSchema } from '../../domain/approval/evidence-schema';
import { formSchema } from '../../domain/approval/form-schema';
import { approvalRequestSchema } from '../../domain/approval/request-schema';
import { approvalStatuses, choices, finalStatuses } from '../../domain/approval/state';
import { pageOf, pageQuery } from '../pages';
import { problemSchema } from '../problem';
import { json, jsonObject, statusesParameter } from '../runs/schemas';

export const approvalParams = z.object({ id: z.uuid() });
const time = z.iso.datetime({ offset: true });
const name = z.string().min(1).max(200);

export const newApprovalSchema = approvalRequestSchema.meta({ id: 'NewApproval' });

// What is shown.

export const outcomeSchema = z.object({
  status: z.enum(finalStatuses),
  at: z.string(),
  cause: z.enum(['vote', 'deadline', 'withdrawal']),
  by: z.string().nullable().describe('whose act it was; nobody\'s when time or the end of its run did it'),
  comment: z.string().nullable(),
  form: jsonObject.nullable(),
}).meta({ id: 'ApprovalOutcome' });
/** Not `.nullable()`, which would keep the name. */
const outcomeOrNull = z.union([outcomeSchema, z.null()]);

export const voteSchema = z.object({
  person: z.string(),
  for: z.string().nullable().describe('whose right to vote it was, where it was not the person\'s own'),
  choice: z.enum(choices),
  stage: z.number().int().describe('counted from 0'),
  at: z.string(),
}).meta({ id: 'ApprovalVote' });

const summary = {
  id: z.uuid(),
  title: z.string(),
  status: z.enum(approvalStatuses),
  standing: z.string().describe('how it stands, in one sentence'),
  requester: z.string(),
  risk: z.enum(['low', 'medium', 'high']).nullable(),
  evidenceHash: z.string().describe('SHA-256 of everything that approvers are shown: votes hold for this'),
  revision: z.number().int().describe('of the evidence, from 1'),
  deadline: z.string().nullable().describe('the next one; null where there is none, and when it is decided'),
  outcome: outcomeOrNull,
  run: z.uuid().nullable().describe('that asked, for a step'),
  task: z.string().nullable(),
  instance: z.number().int().nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  workflowId: z.string(),
  links: z.object({ temporal: z.string().nullable(), record: z.string() }),
};

export const approvalSummarySchema = z.object(summary).meta({ id: 'ApprovalSummary' });
export const approvalPageSchema = pageOf(approvalSummarySchema, 'Approval');

const panelSchema = z.object({ name: z.string(), quorum: z.number().int(), members: z.array(z.string()) });

const policyViewSchema = z.object({
  stages: z.array(z.object({ name: z.string().optional(), panels: z.array(panelSchema) })),
  rejection: z.enum(['any', 'majority']),
  requesterMayDecide: z.boolean(),
  rejectionNeedsComment: z.boolean(),
  escalation: z.array(z.array(z.string())).describe('who may decide, too, after the first, second, … escalation'),
}).meta({ id: 'ApprovalPolicySnapshot', description: 'the policy as it was when the request was made: whoever joins or leaves a group later changes nothing here' });

export const shownItemSchema = z.object({
  ...evidenceItemSchema.shape,
  sha256: z.string(),
  href: z.string().optional().describe('where the content of an artifact is'),
}).meta({ id: 'ApprovalEvidenceItem' });

const delegationSchema = z.object({ from: z.string(), to: z.string(), since: z.string().nullable(), until: z.string().nullable() });

export const approvalSchema = z.object({
  ...summary,
  description: z.string().nullable().describe('Markdown'),
  evidence: z.array(shownItemSchema),
  form: z.union([formSchema, z.null()]),
  policy: policyViewSchema,
  stage: z.number().int().describe('that decides now, counted from 0'),
  votes: z.array(voteSchema).describe('those that count'),
  awaited: z.array(z.string()).describe('whom it waits for'),
  delegations: z.array(delegationSchema),
  changesRequestedBy: z.string().nullable(),
  reminders: z.array(z.string()).describe('to come'),
  head: z.string().nullable().describe('hash of the last entry of its record: with it, missing entries show'),
}).meta({ id: 'Approval' });

export const listQuery = pageQuery().extend({
  awaiting: z.literal('me').optional().describe('only what waits for whoever asks'),
  status: statusesParameter(approvalStatuses).describe('one or several, with commas or repeated'),
  requester: name.optional(),
  run: z.uuid().optional(),
});

// Acts.

const comment = z.string();
const evidenceHash = z.string().max(100).optional().describe('of what was before the person\'s eyes: where it has changed since, the act does not count');

export const decisionSchema = z.strictObject({
  decision: z.enum(choices),
  comment: comment.optional(),
  form: jsonObject.optional(),
  evidenceHash,
  for: name.optional().describe('whose vote it is, of those who delegated'),
}).meta({ id: 'ApprovalDecision' });

export const bulkDecisionsSchema = z.strictObject({
  decisions: z.array(decisionSchema.extend({ id: z.uuid() })).min(1).max(100),
}).meta({ id: 'ApprovalDecisions' });

export const commentSchema = z.strictObject({ comment }).meta({ id: 'ApprovalComment' });
export const changesSchema = z.strictObject({ comment, evidenceHash }).meta({ id: 'ApprovalChangesRequest' });
export const newEvidenceSchema = z.strictObject({ evidence: evidenceSchema, comment: comment.optional() }).meta({ id: 'ApprovalNewEvidence' });
export const withdrawalSchema = z.strictObject({ comment: comment.optional() }).meta({ id: 'ApprovalWithdrawal' });

export const delegationRequestSchema = z.strictObject({
  to: name.nullable().describe('null takes the delegation back'),
  since: time.optional().describe('at once, if it is not given'),
  until: time.optional().describe('for good, if it is not given'),
}).meta({ id: 'ApprovalDelegation' });

export const actResultSchema = z.object({
  counted: z.boolean().describe('false: not yet. It is carried out as soon as a worker runs: look at `Location`'),
  changed: z.boolean().describe('false when it said what was so already'),
  status: z.enum(approvalStatuses),
  standing: z.string(),
  votes: z.array(voteSchema),
  evidenceHash: z.string(),
  outcome: outcomeOrNull,
}).meta({ id: 'ApprovalActResult' });

export const bulkResultSchema = z.object({
  results: z.array(z.object({
    id: z.uuid(),
    httpStatus: z.number().int().describe('that the decision alone would have been answered with'),
    result: z.union([actResultSchema, z.null()]).describe('of a decision that counted'),
    problem: z.union([problemSchema, z.null()]).describe('why a decision did not count'),
  })).describe('in the order of the decisions'),
}).meta({ id: 'ApprovalDecisionsResult' });

export const credentialSchema = z.object({
  credential: z.string().describe('for `credential` of a signal or update to the workflow; it stays in its history'),
  person: z.string().describe('who acts with it'),
  expiresAt: z.string(),
  workflowId: z.string(),
  command: z.string().describe('approves with the Temporal CLI'),
}).meta({ id: 'ApprovalCredential' });

export const evidenceHistorySchema = z.object({
  items: z.array(z.object({
    revision: z.number().int(),
    evidenceHash: z.string(),
    createdAt: z.string(),
    items: z.array(shownItemSchema),
    changes: z.array(z.object({ title: z.string(), change: z.enum(['added', 'changed', 'removed', 'unchanged']) })).describe('since the revision before'),
  })),
}).meta({ id: 'ApprovalEvidenceHistory' });

/** Entries are shown as they are stored: their hashes are over exactly this. */
const entrySchema = z.object({
  seq: z.number().int(),
  at: z.number().describe('milliseconds since 1970'),
  type: z.string(),
  body: jsonObject,
  personal: z.record(z.string(), z.union([
    z.object({ hash: z.string(), salt: z.string(), value: json }), z.object({ hash: z.string() }),
  ])).describe('values about persons, by name; of what was erased the hash is left'),
  previous: z.string().describe('hash of the entry before'),
  hash: z.string(),
}).meta({ id: 'ApprovalRecordEntry' });

export const recordQuery = z.strictObject({ format: z.enum(['json', 'html']).optional().describe('instead of Accept') });
export const recordSchema = z.object({
  approval: approvalSchema,
  revisions: evidenceHistorySchema.shape.items,
  entries: z.array(entrySchema),
  head: z.string().nullable().describe('hash of the last entry'),
}).meta({ id: 'ApprovalRecord' });

export const erasureQuery = z.strictObject({ person: name.optional().describe('everybody, if it is not given') });
export const erasureSchema = z.object({ erased: z.number().int().describe('how many values of the record are gone') }).meta({ id: 'ApprovalErasure' });
