import { z } from 'zod';
import { pageOf, pageQuery } from '../pages';

const text = z.string().min(1).max(300);
const time = z.iso.datetime({ offset: true });

export const auditQuerySchema = pageQuery().extend({
  actor: text.optional().describe('name of the subject of a key'),
  action: text.optional().describe('such as `pipeline.apply`'),
  target: text.optional().describe('such as `pipeline/flight-delays` or `run/<id>`'),
  after: time.optional().describe('done at this time or later'),
  before: time.optional().describe('done before this time'),
});

export const auditEntrySchema = z.object({
  id: z.number().int(),
  at: z.string(),
  actor: z.string().describe('name of the subject whose key was used, or of the person whose link, program or credential it was'),
  keyId: z.string().nullable().describe('that key; null of acts on approvals that came without one, and of what was recorded before it was kept'),
  address: z.string().nullable().describe('of the client, as the connection or a trusted proxy says'),
  requestId: z.string().nullable(),
  action: z.string(),
  target: z.string(),
  data: z.record(z.string(), z.unknown()).describe('what it was about; no secrets'),
}).meta({ id: 'AuditEntry' });

export const auditPageSchema = pageOf(auditEntrySchema, 'AuditEntry');
