import { errorDocument, errorLines } from './error-report';
import { makePaint } from './output';
import { problemError } from './problem';

const paint = makePaint(false);

test('a problem keeps its code, its faults and the request id', () => {
  const body = JSON.stringify({ title: 'Unprocessable', detail: 'The body has 1 fault', code: 'request.invalid', requestId: 'r-1', errors: [{ code: 'c', message: 'too small', path: '/priority' }] });
  const error = problemError(422, body, null);
  expect(errorDocument(error)).toEqual({ error: {
    code: 'request.invalid', message: 'The body has 1 fault', retryable: false, status: 422, requestId: 'r-1', errors: [{ code: 'c', message: 'too small', path: '/priority' }],
  } });
  expect(errorLines(error, paint)).toEqual(['  /priority: too small', 'error[request.invalid]: The body has 1 fault', '  = request id r-1']);
});

test('a code that this version does not know is still shown', () => {
  const error = problemError(409, JSON.stringify({ detail: 'no', code: 'moon.full' }), 'r-2');
  expect(error.code).toBe('conflict');
  expect(errorDocument(error).error.code).toBe('moon.full');
});

test.each(['<html>Bad gateway</html>', '', 'null', '"text"', '[]'])('a body like %j is told by its status', (body) => {
  const error = problemError(502, body, null);
  expect(error.code).toBe('unavailable');
  expect(error.retryable).toBe(true);
  expect(error.message).toBe('The API answered 502.');
});

test('a missing key says where to get one', () => {
  expect(errorLines(problemError(401, '{}', null), paint).join('\n')).toContain('DATAMCP_API_KEY');
});
