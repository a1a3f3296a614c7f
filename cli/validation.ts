import { AppError } from '../domain/errors';
import type { Plan } from '../domain/pipeline/plan';
import type { Cli } from './cli';
import { contentTypeOf, type Document } from './document';
import { faultLines } from './fault-report';
import type { Paint } from './output';
import { faultsError } from './problem';
import type { ValidationView } from './wire';

/** Asks the API, which knows the processors of its workers. */
export const validateOnline = (cli: Cli, document: Document): Promise<ValidationView> =>
  cli.client.post<ValidationView>('/v1/pipelines/validate', { text: { body: document.text, contentType: contentTypeOf(document) } });

/**
 * The plan of a document that is valid; its warnings are noted.
 * @throws AppError `definition.invalid` with all faults and their places
 */
export async function requirePlan(cli: Cli, document: Document): Promise<Plan> {
  const result = await validateOnline(cli, document);
  cli.output.note(...reportLines({ ...result, errors: [] }, document, cli.output.notePaint));
  if (result.valid && result.plan) return result.plan;
  throw faultsError('definition.invalid', `${document.name} has ${result.errors.length} fault(s)`, result.errors, document);
}

/** Every fault with its line, warnings first, so that errors end next to the prompt. */
export function reportLines(result: Pick<ValidationView, 'errors' | 'warnings'>, document: Document, paint: Paint): string[] {
  return [
    ...result.warnings.flatMap((fault) => faultLines(fault, document, paint, 'warning')),
    ...result.errors.flatMap((fault) => faultLines(fault, document, paint, 'error')),
  ];
}

export const isUnreachable = (error: unknown): boolean => error instanceof AppError && error.code === 'unavailable' && error.cause !== undefined;
