import { z } from 'zod';
import { isPlainLine, plainLineProblem } from '../../domain/plain-line';
import { pageOf } from '../pages';

const subjectSchema = z.strictObject({
  type: z.enum(['user', 'service']),
  name: z.string().trim().min(1, { abort: true }).max(200).refine(isPlainLine, plainLineProblem).describe('requests act under this name'),
  email: z.email().max(320).optional(),
});

const roleName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens');

export const newKeySchema = z.strictObject({
  subject: subjectSchema,
  roles: z.array(roleName).max(50).describe('built-in roles open calls; any other name is for policies'),
  groups: z.array(z.string().trim().min(1, { abort: true }).max(200).refine(isPlainLine, plainLineProblem)).max(100).default([]),
  expiresAt: z.iso.datetime({ offset: true }).optional().describe('never, if it is not given'),
}).meta({ id: 'NewKey' });

const shownSubject = z.object({ type: z.enum(['user', 'service']), name: z.string(), email: z.string().nullable() });

export const keySchema = z.object({
  id: z.uuid(),
  prefix: z.string().describe('how the key begins, to recognise it by'),
  subject: shownSubject,
  roles: z.array(z.string()),
  groups: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
}).meta({ id: 'Key' });

export const createdKeySchema = keySchema.extend({
  key: z.string().describe('shown this once: only its hash is kept'),
}).meta({ id: 'CreatedKey' });

export const keyPageSchema = pageOf(keySchema, 'Key');

export const meSchema = z.object({
  keyId: z.uuid(),
  subject: shownSubject,
  roles: z.array(z.string()),
  groups: z.array(z.string()),
  expiresAt: z.string().nullable(),
}).meta({ id: 'Me' });
