import type { ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemSchema } from './problem';

/** Answers of a call, by status. */
export type Responses = Record<string, ResponseConfig>;

export const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: problemSchema } } });

/** With the header that says when to try again. */
export const problemForNow = (description: string) => ({
  ...problem(description),
  headers: z.object({ 'Retry-After': z.string().regex(/^\d+$/).meta({ description: 'seconds' }) }),
});
