import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { defineProcessor } from '../processor';

export const coreAssert = defineProcessor({
  name: 'core.assert',
  title: 'Assertion',
  description: 'Fails with `assertion_failed` and the message, unless `that` is true. Never retried.',
  version: '1.0.0',
  quick: true,
  input: z.strictObject({
    that: z.boolean().describe('What must be true, usually an expression'),
    message: z.string().default('The assertion does not hold').describe('What the failure says'),
  }),
  output: z.null(),
  process: (_context, input) =>
    input.that ? Promise.resolve(null) : Promise.reject(new AppError('assertion_failed', input.message)),
});
