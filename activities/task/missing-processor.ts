import { AppError } from '../../domain/errors';

/** A worker does not have what a task uses. Another worker of the queue may, so the task is tried again. */
export const missingProcessor = (name: string): AppError =>
  new AppError('processor_missing', `the worker that took this task has no processor "${name}"; is its plugin missing there?`, { retryable: true });
