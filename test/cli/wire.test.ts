import { ApiClient } from '../../cli/client';
import type { RunEvent } from '../../cli/event-stream';
import { followRun } from '../../cli/run-follower';
import { broken, json, ScriptedServer, type Answer } from './scripted-server';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const pauses: number[] = [];
beforeEach(() => void pauses.splice(0));
const pause = async (ms: number): Promise<void> => void pauses.push(ms);
const rule = { attempts: 4, firstDelayMs: 100, maxDelayMs: 5_000 };

const clientOf = (url: string): ApiClient =>
  new ApiClient({ apiUrl: url, apiKey: 'secret', source: { kind: 'option', name: '' } }, '1.2.3', rule, pause);

async function serve(answer: Parameters<typeof ScriptedServer.start>[0]): Promise<ApiClient> {
  server = await ScriptedServer.start(answer);
  return clientOf(server.url);
}

test('a POST that broke is sent again under the same Idempotency-Key', async () => {
  const client = await serve((number) => (number < 2 ? broken : json(202, { id: 'r' })));
  await expect(client.post('/v1/things', { json: { a: 1 } })).resolves.toEqual({ id: 'r' });
  const keys = server?.seen.map((request) => request.headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(server?.seen.map((request) => request.body)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
});

test('two POSTs have two keys, and each call carries the bearer key and says who calls', async () => {
  const client = await serve(() => json(200, {}));
  await client.post('/a');
  await client.post('/a');
  const [first, second] = server?.seen ?? [];
  expect(first?.headers['idempotency-key']).not.toBe(second?.headers['idempotency-key']);
  expect(first?.headers).toMatchObject({ authorization: 'Bearer secret', 'user-agent': 'datamcp-cli/1.2.3' });
});

test.each([429, 503])('%d is tried again after the time that Retry-After names', async (status) => {
  const client = await serve((number) => (number === 0 ? json(status, { code: 'unavailable' }, { 'retry-after': '2' }) : json(200, { ok: true })));
  await expect(client.get('/x')).resolves.toEqual({ ok: true });
  expect(pauses).toEqual([2000]);
});

test('a twin in flight is waited for', async () => {
  const client = await serve((number) => (number === 0 ? json(409, { code: 'idempotency.in_flight' }, { 'retry-after': '1' }) : json(202, { id: 'r' })));
  await expect(client.post('/x')).resolves.toEqual({ id: 'r' });
});

test('an answer that asks for more patience than there is comes through at once', async () => {
  const client = await serve(() => json(503, { code: 'unavailable', detail: 'down for maintenance' }, { 'retry-after': '3600' }));
  await expect(client.get('/x')).rejects.toMatchObject({ code: 'unavailable', message: 'down for maintenance' });
  expect(server?.seen).toHaveLength(1);
});

test('what the caller must correct is not tried again', async () => {
  const client = await serve(() => json(422, { code: 'inputs.invalid', detail: 'no such input' }));
  await expect(client.get('/x')).rejects.toMatchObject({ code: 'inputs.invalid' });
  expect(server?.seen).toHaveLength(1);
});

test('an answer that does not come ends with a time-out that names the address', async () => {
  const client = await serve(() => () => undefined);
  await expect(client.get('/x', { timeoutMs: 50 })).rejects.toThrow(`The API at ${server?.url} is not reachable: it did not answer in time`);
});

test('an answer whose body stops half way ends with the time-out too', async () => {
  const client = await serve(() => (_request, response) => void response.writeHead(200).write('{"a":'));
  await expect(client.get('/x', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'unavailable' });
});

test('nobody listening is told with what to do', async () => {
  const gone = await ScriptedServer.start(() => json(200, {}));
  const { url } = gone;
  await gone.close();
  await expect(clientOf(url).get('/x')).rejects.toMatchObject({ code: 'unavailable', details: { hint: expect.stringContaining('npm start') as unknown } });
});

test('something else than the API at the address is told apart from a fault of ours', async () => {
  const client = await serve(() => (_request, response) => void response.writeHead(200).end('<html>hello</html>'));
  await expect(client.get('/x')).rejects.toThrow('is not the API');
});

test('a list is read over all its pages', async () => {
  const client = await serve((number) => json(200, number === 0 ? { items: [1, 2], nextCursor: 'c 1' } : { items: [3], nextCursor: null }));
  await expect(client.list('/x', { status: ['a', 'b'] })).resolves.toEqual([1, 2, 3]);
  expect(server?.seen[1]?.url).toBe('/x?status=a&status=b&limit=500&cursor=c+1');
});

const event = (seq: number, type: string): string => `event: ${type}\nid: ${seq}\ndata: ${JSON.stringify({ seq, type, at: '2026-01-01T00:00:00Z', data: {} })}\n\n`;
const streaming = (text: string, end: 'end' | 'break'): Answer => (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(text, () => setTimeout(() => (end === 'end' ? response.end() : response.destroy()), 20));
};
const finalRun = { id: 'r', status: 'succeeded' };

async function follow(client: ApiClient, signal = new AbortController().signal): Promise<{ events: RunEvent[]; run: unknown }> {
  const events: RunEvent[] = [];
  const run = await followRun(client, 'r', { signal, onEvent: (each) => events.push(each), rule, pause });
  return { events, run };
}

test('a stream that breaks goes on after the last event, and nothing is told twice', async () => {
  const client = await serve((number) => [
    streaming(event(1, 'run.started') + event(2, 'task.queued') + 'event: task.succ', 'break'),
    streaming(event(2, 'task.queued') + event(3, 'task.succeeded') + event(4, 'run.succeeded'), 'end'),
    json(200, finalRun),
  ][number] ?? broken);
  const { events, run } = await follow(client);
  expect(events.map((each) => each.seq)).toEqual([1, 2, 3, 4]);
  expect(run).toEqual(finalRun);
  expect(server?.seen[0]?.headers['last-event-id']).toBeUndefined();
  expect(server?.seen[1]?.headers['last-event-id']).toBe('2');
});

test('a stream that ends before its run is taken up again', async () => {
  const client = await serve((number) => [
    streaming(event(1, 'run.started'), 'end'), json(200, { id: 'r', status: 'running' }),
    streaming(event(2, 'run.succeeded'), 'end'), json(200, finalRun),
  ][number] ?? broken);
  const { events } = await follow(client);
  expect(events.map((each) => each.type)).toEqual(['run.started', 'run.succeeded']);
});

test('a run that ended without an event is found by asking', async () => {
  const client = await serve((number) => (number === 0 ? (_request, response) => void response.writeHead(204).end() : json(200, { id: 'r', status: 'cancelled' })));
  await expect(follow(client)).resolves.toMatchObject({ run: { status: 'cancelled' } });
});

test('an API that cannot stream is asked with long polls', async () => {
  const client = await serve((number) => (number === 0 ? json(405, { code: 'method_not_allowed' }) : json(200, number < 3 ? { id: 'r', status: 'running' } : finalRun)));
  await expect(follow(client)).resolves.toMatchObject({ run: finalRun, events: [] });
  expect(server?.seen[1]?.headers.prefer).toBe('wait=30');
});

test('a run that does not exist is not waited for', async () => {
  const client = await serve(() => json(404, { code: 'not_found', detail: 'There is no run r' }));
  await expect(follow(client)).rejects.toMatchObject({ code: 'not_found' });
});

test('an API that stays away is given up at last', async () => {
  const client = await serve(() => broken);
  await expect(follow(client)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a watcher that leaves in the middle of a stream leaves at once', async () => {
  const client = await serve(() => (_request, response) => void response.writeHead(200).write(event(1, 'run.started')));
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('left')), 100);
  await expect(follow(client, controller.signal)).rejects.toThrow('left');
});
