import type { z } from 'zod';
import type { Fault } from '../domain/pipeline/fault';
import { invalidRequest, pointerOf } from './json-guard';

/** Of the columns that numbers are compared with. */
export const largestInteger = 2_147_483_647;

/** One fault for each thing that zod found; each unknown field is a fault at its own place. */
function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ code: 'unknown_field', message: `there is no field "${key}" here`, path: pointerOf([...issue.path, key]) }));
  }
  return [{ code: issue.code === 'custom' ? 'invalid' : issue.code, message: issue.message, path: pointerOf(issue.path) }];
}

/** The value as the schema makes it. @throws AppError `request.invalid` with everything that is wrong */
export function parseOrRefuse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidRequest(parsed.error.issues.flatMap(faultsOf));
  return parsed.data;
}
