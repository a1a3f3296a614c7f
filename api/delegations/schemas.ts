import { z } from 'zod';

const time = z.iso.datetime({ offset: true });

export const newDelegationSchema = z.strictObject({
  to: z.string().min(1).max(200).describe('who may vote in your place'),
  since: time.optional().describe('at once, if it is not given'),
  until: time.describe('no longer'),
}).meta({ id: 'NewDelegation' });

export const delegationSchema = z.object({
  id: z.uuid(),
  from: z.string(),
  to: z.string(),
  since: z.string(),
  until: z.string(),
}).meta({ id: 'Delegation' });

export const delegationListSchema = z.object({ items: z.array(delegationSchema) }).meta({ id: 'Delegations' });
