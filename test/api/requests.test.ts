import { z } from 'zod';
import { routes } from '../../api/routes';
import { problemOf } from './problem';
import { pathOf } from './route-samples';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start(); });
afterAll(() => api.close());

const table = routes.map((route) => ({ ...route, method: route.method.toUpperCase(), url: pathOf(route.path) }));
/** Calls whose fields are ours: those of a codec endpoint are Temporal's, which may add some. */
const withFields = table.filter(({ body, tag }) => body.content['application/json']?.schema instanceof z.ZodType && tag !== 'codec');
/** Where the other fields depend on one, it comes first. */
const deciding: Record<string, object> = { '/v1/connections/{name}': { kind: 'postgres' } };

test.each(table.filter(({ path }) => path.includes('{')).map(({ method, path }) => [method, path]))('%s %s takes no NUL in its address', async (method, path) => {
  const { status } = await api.call(method, path.replaceAll(/\{\w+\}/g, 'a%00b'));
  expect([404, 422]).toContain(status);
});

describe('what a call does not know is refused, with its place', () => {
  test.each(table.map(({ method, url }) => [method, url]))('%s %s refuses a parameter', async (method, url) => {
    const problem = problemOf(await api.call(method, `${url}?nonsense=1`));
    expect(problem).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(problem.errors).toContainEqual({ code: 'unknown_field', message: 'there is no field "nonsense" here', path: '/nonsense' });
  });

  test.each(withFields.map(({ method, url, path }) => [method, url, deciding[path]] as const))('%s %s refuses a field', async (method, url, beginning) => {
    const problem = problemOf(await api.call(method, url, { body: { ...beginning, nonsense: 1 } }));
    expect(problem).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(problem.errors).toContainEqual({ code: 'unknown_field', message: 'there is no field "nonsense" here', path: '/nonsense' });
  });

  test.each(withFields.map(({ method, url, body }) => [method, url, body.limitBytes ?? 0] as const))('%s %s refuses what is no JSON, another type, and more than %d bytes', async (method, url, limitBytes) => {
    const json = { 'content-type': 'application/json' };
    expect(problemOf(await api.call(method, url, { body: '{"a":', headers: json }))).toMatchObject({ status: 400, code: 'request.malformed' });
    expect(problemOf(await api.call(method, url, { body: 'a: 1' }))).toMatchObject({ status: 415, code: 'request.unsupported_media' });
    expect(problemOf(await api.call(method, url, { body: { a: 'x'.repeat(limitBytes) } }))).toMatchObject({ status: 413, code: 'request.too_large' });
  });
});

describe('text that would end a string of SQL', () => {
  const hostile = ["' or 1=1 --", "x'); drop table keys; --", String.raw`\' or true --`, '$1', '%'];
  const asked = table.filter(({ method }) => method === 'GET').flatMap(({ url, query }) => Object.keys(query.shape).map((name) => `${url}?${name}=`));

  beforeAll(() => api.keyWith('viewer'));

  test.each(asked)('is only text in %s', async (beginning) => {
    for (const text of hostile) {
      const { status, body } = await api.call('GET', beginning + encodeURIComponent(text));
      // Nothing is called so. As a part of SQL it would be an error, or a condition that all entries of the audit meet.
      expect([200, 404, 422]).toContain(status);
      if (status === 200) expect(body['items']).toEqual([]);
    }
    expect((await api.call('GET', '/v1/me')).status).toBe(200);
  });
});

describe('numbers beyond what is stored', () => {
  const run = pathOf('/v1/runs/{id}');
  test.each([
    [`${run}/logs?attempt=9999999999`, 422], [`${run}/logs?instance=9999999999`, 422], [`${run}/logs?after=9007199254740991`, 404],
    [`${run}/logs?after=9007199254740993`, 422], ['/v1/pipelines/nothing/versions/99999999999', 404],
    [`/v1/pipelines/nothing/versions?cursor=${Buffer.from('99999999999').toString('base64url')}`, 404],
    [`/v1/runs?limit=99999999999`, 422], ['/v1/runs?after=9999-12-31T23:59:59-23:59&before=0000-01-01T00:00:00Z', 200],
  ])('%s is answered, not broken by', async (path, status) => {
    expect((await api.call('GET', path)).status).toBe(status);
  });

  test.each(['many', '1.5', '1&limit=2'])('a limit of %s is told to be no number', async (limit) => {
    expect(problemOf(await api.call('GET', `/v1/runs?limit=${limit}`)).errors).toMatchObject([{ path: '/limit', message: 'must be one whole number' }]);
  });

  test('a place of an event that cannot be is refused', async () => {
    const answer = await api.call('GET', `${run}/events`, { headers: { 'last-event-id': '99999999999999999999' } });
    expect([404, 422]).toContain(problemOf(answer).status);
  });
});
