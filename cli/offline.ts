import { checkDefinition } from '../domain/pipeline/definition';
import type { Document } from './document';
import { builtInCatalogue } from './product';
import type { ValidationView } from './wire';

/** Checks a document as the API does, but with the processors that this version brings along. */
export function validateOffline({ text, format }: Document): ValidationView {
  const { plan, errors, warnings } = checkDefinition(text, format, builtInCatalogue());
  return { valid: plan !== null, errors, warnings, plan };
}
