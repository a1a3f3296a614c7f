import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerSchemas } from './headers';
import { openApiOf } from './openapi';
import { routes } from './routes';

interface Operation { summary: string; parameters?: { name: string; in: string }[]; responses: Record<string, unknown>; security?: object[] }
interface Description { paths: Record<string, Record<string, Operation>>; components: { schemas: object; securitySchemes: object } }
const document = JSON.parse(JSON.stringify(openApiOf(routes))) as Description;
const operationOf = (method: string, path: string): Operation | undefined => document.paths[path]?.[method];

describe('the description of the API', () => {
  test('is the one that is committed (npm run generate writes it)', () => {
    const committed: unknown = JSON.parse(readFileSync(join(__dirname, '..', 'openapi.json'), 'utf8'));
    expect(document).toEqual(committed);
  });

  test.each(routes.map(({ method, path }) => [method, path] as const))('%s %s names its parameters, its success and its errors', (method, path) => {
    const operation = operationOf(method, path);
    const inPath = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['401', '422', '429', '503']));
    expect(Object.keys(operation?.responses ?? {}).some((status) => status.startsWith('2'))).toBe(true);
  });

  test('has the call that takes a signature in place of a key', () => {
    const hook = operationOf('post', '/v1/hooks/approvals/{name}');
    expect(Object.keys(hook?.responses ?? {})).toEqual(['200', '202', '400', '401', '403', '404', '409', '413', '422', '429', '503']);
    expect(hook?.security).toEqual([{ signature: [] }, { slackSignature: [] }]);
    expect(document.components.securitySchemes).toMatchObject({ signature: { name: 'webhook-signature' }, slackSignature: { name: 'x-slack-signature' } });
  });

  test('names the headers that a call understands', () => {
    const start = operationOf('post', '/v1/pipelines/{name}/runs');
    const headers = (start?.parameters ?? []).filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    expect(headers).toEqual(['Idempotency-Key', 'Prefer']);
    expect(headerSchemas).toHaveProperty('Prefer');
  });

  test('has the shapes of runs, tasks and problems once, by name', () => {
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Run', 'Task', 'Pipeline', 'Problem', 'Fault', 'Key']));
  });
});
