import { z } from 'zod';

const names = z.array(z.string().min(1).max(200)).max(500).optional();

/** Who may decide. Somebody who is named in several ways is one person. */
export const approversSchema = z
  .strictObject({
    users: names.describe('Names of users.'),
    roles: names.describe('Everybody who has one of these roles.'),
    groups: names.describe('Everybody who is in one of these groups.'),
  })
  .refine((approvers) => Object.values(approvers).some((list) => list.length > 0), { error: 'must name at least one user, role or group' });

const quorum = z.int().min(1).max(500);

const panelSchema = z
  .strictObject({
    name: z.string().min(1).max(100).optional().meta({ description: 'What the panel is called in messages.', default: 'its approvers' }),
    approvers: approversSchema.describe('Who is in it.'),
    quorum: quorum.optional().meta({ description: 'How many of them must approve.', default: 1 }),
  })
  .describe('Approvers with a quorum of their own.');

const stageFields = {
  approvers: approversSchema.optional().describe('Who may decide: users, roles and groups together.'),
  quorum: quorum.optional().meta({ description: 'How many of `approvers` must approve.', default: 1 }),
  panels: z.array(panelSchema).min(1).max(20).optional().describe('Several panels in place of `approvers`: each must reach its own quorum.'),
};

const stageSchema = z
  .strictObject({ name: z.string().min(1).max(100).optional().describe('What the stage is called in messages.'), ...stageFields })
  .refine((stage) => (stage.approvers === undefined) !== (stage.panels === undefined), { error: 'must have either approvers or panels' })
  .refine((stage) => stage.quorum === undefined || stage.approvers !== undefined, { error: 'has a quorum of its panels in each panel', path: ['quorum'] });

/** Who decides and what it takes, as an author writes it. A request keeps a snapshot of it, see `policy.ts`. */
export const policySchema = z
  .strictObject({
    ...stageFields,
    stages: z.array(stageSchema).min(1).max(10).optional().describe('One after the other, in place of `approvers` and `panels`.'),
    rejection: z.enum(['any', 'majority']).optional().meta({
      description: '`any`: the first rejection ends the request. `majority`: when more than half of a panel reject, or too few are left for its quorum.', default: 'any',
    }),
    requesterMayDecide: z.boolean().optional().meta({ description: 'Whether the requester may be one of the approvers.', default: false }),
    rejectionNeedsComment: z.boolean().optional().meta({ description: 'Whether a rejection must say why.', default: false }),
  })
  .refine(({ approvers, panels, stages }) => [approvers, panels, stages].filter((way) => way !== undefined).length === 1, { error: 'must have exactly one of approvers, panels and stages' })
  .refine((policy) => policy.quorum === undefined || policy.approvers !== undefined, { error: 'belongs to approvers', path: ['quorum'] });

export type Approvers = z.infer<typeof approversSchema>;
export type Policy = z.infer<typeof policySchema>;
