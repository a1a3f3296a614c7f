import { ApplicationFailure } from '@temporalio/workflow';
import { unitFailure } from './failure';

test.each([
  ['query_failed', 'query_failed'],
  ['', 'task_failed'],
  [undefined, 'task_failed'],
])('a failure of type %j has the code %s', (type, code) => {
  const failure = unitFailure(ApplicationFailure.create({ message: 'No', type }));
  expect(failure.error).toEqual({ code, message: 'No', retryable: true });
});
