import { z } from 'zod';
import { connectionSettings } from '../../platform/connection-settings';
import { pageOf } from '../pages';

/** Any name, so that one that cannot be is refused with the reason. */
export const connectionParams = z.object({ name: z.string().min(1).max(200) });

export const newConnectionSchema = connectionSettings.meta({ id: 'ConnectionSettings' });

export const connectionSchema = z.object({
  name: z.string(),
  settings: newConnectionSchema.describe('secrets stand in it by name'),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
}).meta({ id: 'Connection' });

export const connectionPageSchema = pageOf(connectionSchema, 'Connection');

export const connectionTestSchema = z.object({
  ok: z.boolean(),
  latencyMs: z.number().int(),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
}).meta({ id: 'ConnectionTest' });
