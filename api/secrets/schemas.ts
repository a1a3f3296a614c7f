import { z } from 'zod';
import { shortestSecret } from '../../platform/secret-mask';
import { pageOf } from '../pages';

/** Any name, so that one that cannot be is refused with the reason; but for that of the call which has this path. */
export const secretParams = z.object({ name: z.string().min(1).max(200).refine((name) => name !== 'rotate') });

const longest = 64 * 1024;

export const newSecretSchema = z.strictObject({
  value: z.string().max(longest)
    // As JSON Schema counts: a sign beyond the first 65,536 is one character.
    .refine((value) => [...value.trim()].length >= shortestSecret, `must have at least ${shortestSecret} characters: a shorter value could not be masked`)
    .meta({ minLength: shortestSecret, description: 'the value; nothing ever tells it again' }),
}).meta({ id: 'NewSecret' });

export const secretSchema = z.object({
  name: z.string(),
  version: z.number().int().describe('rises with every value'),
  keyId: z.string().describe('which key encrypts it'),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
  usedAt: z.string().nullable().describe('when a task or a connection was last given it, to the minute'),
  usedVersion: z.number().int().nullable(),
}).meta({ id: 'Secret', description: 'A secret without its value' });

export const secretPageSchema = pageOf(secretSchema, 'Secret');

export const rotationSchema = z.object({
  keyId: z.string().describe('the key that encrypts now'),
  encrypted: z.number().int().describe('secrets that were encrypted anew'),
  left: z.array(z.object({ keyId: z.string(), secrets: z.number().int(), keyMissing: z.boolean() }))
    .describe('secrets that are still encrypted with other keys: with none left, the older keys can go'),
}).meta({ id: 'SecretRotation' });
