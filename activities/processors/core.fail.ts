import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { defineProcessor, type ProcessorContext } from '../processor';

/** A lower bound of the failures so far: every earlier generation of the task ended in at least one. */
const failuresBefore = ({ attempt, generation }: ProcessorContext['task']): number => attempt - 1 + generation;

/** Not `quick`: its retries belong to the server, where they are seen and do not hold the workflow up. */
export const coreFail = defineProcessor({
  name: 'core.fail',
  title: 'Failure',
  description: 'Fails with `task_failed` and the message: for tests of error handling, and to end a branch that must not go on.',
  version: '1.0.0',
  input: z.strictObject({
    message: z.string().default('Failed on purpose').describe('What the failure says'),
    retryable: z.boolean().optional().describe('Whether the failure is retried; by default only when `failAttempts` is given'),
    failAttempts: z.int().min(0).optional().describe('Succeed after this many failures; without it every attempt fails'),
  }),
  output: z.strictObject({ attempt: z.int().describe('The attempt that succeeded, from 1') }),
  process: (context, { message, failAttempts, retryable = failAttempts !== undefined }) =>
    failAttempts !== undefined && failuresBefore(context.task) >= failAttempts
      ? Promise.resolve({ attempt: context.task.attempt })
      : Promise.reject(new AppError('task_failed', message, { retryable })),
});
