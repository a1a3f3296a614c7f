import { AppError } from '../domain/errors';
import type { Document } from './document';
import type { ValidationView } from './wire';

/** Checks a document without an API. */
export async function validateOffline(document: Document): Promise<ValidationView> {
  throw new AppError('unavailable', `${document.name} cannot be checked without an API yet`);
}
