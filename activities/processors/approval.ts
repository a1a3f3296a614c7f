import { z } from 'zod';
import { approvalRequestSchema } from '../../domain/approval/request-schema';
import { choices } from '../../domain/approval/state';
import { onRejects, stepDecisions } from '../../domain/approval/step-end';
import { defineWorkflowStep } from '../processor';

const at = z.iso.datetime();

export const approval = defineWorkflowStep({
  name: 'approval',
  title: 'Approval',
  description: 'Asks people for a decision, and waits for it without holding anything. Rejection and expiry fail it (`approval_rejected`, `approval_expired`) unless `onReject` is `continue`; a request that is withdrawn fails it (`approval_withdrawn`).',
  version: '1.0.0',
  input: approvalRequestSchema.safeExtend({
    onReject: z.enum(onRejects).optional().meta({ description: 'Whether a rejection, and a deadline without a decision, fails the task, or is its output like an approval.', default: 'fail' }),
  }),
  output: z.strictObject({
    decision: z.enum(stepDecisions).describe('`rejected` and `expired` with `onReject: continue` only'),
    by: z.string().nullable().describe('Whose vote decided; null when the deadline did'),
    at: at.describe('When it was decided (RFC 3339, UTC)'),
    comment: z.string().nullable().describe('Of the vote that decided'),
    form: z.record(z.string(), z.unknown()).describe('What was filled in with the vote that decided'),
    votes: z.array(z.strictObject({
      person: z.string(), for: z.string().optional().describe('Whose right it was, of those who delegated'),
      choice: z.enum(choices), stage: z.int().describe('From 0 on'), at,
    })).describe('Those that count. When they are too many for an output, the first of them; the record of the approval has all'),
    evidenceHash: z.string().describe('Of what was voted on'),
    id: z.string().describe('Of the approval: `datamcp approvals show`'),
  }),
});
