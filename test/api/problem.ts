import { problemSchema } from '../../api/problem';
import type { Answer } from './test-api';

/** The problem that an answer is. @throws when it is none, or speaks of another status or request than the answer does */
export function problemOf(answer: Answer): ReturnType<typeof problemSchema.parse> {
  const problem = problemSchema.parse(answer.body);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect([problem.status, problem.requestId]).toEqual([answer.status, answer.headers.get('x-request-id')]);
  return problem;
}
