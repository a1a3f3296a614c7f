import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { v7 as uuidv7 } from 'uuid';
import { saveLive } from '../../db/live';
import { appendLogs, type TaskLogLine } from '../../db/task-logs';
import { ArtifactStore } from '../../platform/artifacts';
import { startRun, taskFact, tell } from './run-life';
import { TestApi } from './test-api';

let api: TestApi;
beforeAll(async () => { api = await TestApi.start(); });
afterAll(() => api.close());

/** Reads a stream of events until it ends. */
async function readEvents(id: string, lastEventId?: number): Promise<{ status: number; messages: EventSourceMessage[] }> {
  const response = await api.fetch('GET', `/v1/runs/${id}/events`, { headers: lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) } });
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  return { status: response.status, messages };
}
const durable = (messages: EventSourceMessage[]) => messages.filter((message) => message.id !== undefined).map(({ id, event }) => [id, event]);
const end = { finishedAt: new Date().toISOString() };

describe('the events of a run', () => {
  test('come live, in order, with their numbers, and end with the run', async () => {
    const id = await startRun(api, 'live');
    await tell(api, id, 1, 'running');
    const reading = readEvents(id);
    await sleep(200);
    await saveLive(api.database.pool, [{ runId: id, task: 'extract', instance: -1, generation: 0, attempt: 1, startedAt: new Date(), worker: 'w', progress: { percent: 50 } }]);
    await sleep(400);
    await tell(api, id, 2, 'running', { tasks: [taskFact(2, 'extract', {})], events: [] });
    await sleep(300);
    await tell(api, id, 3, 'succeeded', end);
    const { messages } = await reading;
    expect(durable(messages)).toEqual([['1', 'run.running'], ['2', 'task.succeeded'], ['3', 'run.succeeded']]);
    expect(JSON.parse(messages.at(-1)?.data ?? '')).toMatchObject({ seq: 3, type: 'run.succeeded', at: expect.any(String), data: { seq: 3 } });
    const tasks = messages.filter((message) => message.event === 'task').map((message): unknown => JSON.parse(message.data));
    expect(tasks).toMatchObject([{ id: 'extract', status: 'running', progress: { percent: 50 } }, { id: 'extract', status: 'succeeded' }]);
  });

  test('go on after the last one that was seen, and are none after the last one there is', async () => {
    const id = await startRun(api, 'resumed');
    for (const seq of [1, 2, 3]) await tell(api, id, seq, 'running');
    await tell(api, id, 4, 'failed', end);
    expect(durable((await readEvents(id, 2)).messages)).toEqual([['3', 'run.running'], ['4', 'run.failed']]);
    expect((await readEvents(id, 4)).status).toBe(204);
    expect((await api.call('GET', `/v1/runs/${id}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(422);
  });

  test('of thousands are all there', async () => {
    const id = await startRun(api, 'many');
    const at = new Date().toISOString();
    const events = Array.from({ length: 1_700 }, (_, n) => ({ seq: n + 1, type: 'task.succeeded', at, data: {} }));
    await tell(api, id, 1_700, 'succeeded', { ...end, events });
    expect((await readEvents(id)).messages.map((message) => Number(message.id))).toEqual(events.map((event) => event.seq));
  });

  test('of a run that is not there are 404', async () => {
    expect((await readEvents(uuidv7())).status).toBe(404);
  });

  test('survive that the listening connection is lost', async () => {
    const id = await startRun(api, 'unheard');
    const reading = readEvents(id);
    await sleep(200);
    await api.database.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid() and datname = current_database()");
    await tell(api, id, 1, 'succeeded', end);
    expect(durable((await reading).messages)).toEqual([['1', 'run.succeeded']]);
  });
});

describe('the log of a run', () => {
  const line = (runId: string, task: string, level: TaskLogLine['level'], message: string, attempt = 1): TaskLogLine =>
    ({ runId, task, instance: -1, generation: 0, attempt, at: new Date('2001-02-03T04:05:06Z'), level, message, fields: { n: 1 } });
  const linesOf = (text: string): { id: number; message: string }[] => text.trim().split('\n').filter(Boolean).map((json) => JSON.parse(json));
  let id: string;
  beforeAll(async () => {
    id = await startRun(api, 'logged');
    await appendLogs(api.database.pool, [
      line(id, 'extract', 'info', 'one'), line(id, 'extract', 'warn', 'two', 2), line(id, 'load', 'error', 'three\nand \u001b[31mred\u0007'), line(id, 'load', 'debug', 'four'),
    ]);
  });

  test('is JSON, a line each, in the order of arrival', async () => {
    const answer = await api.call('GET', `/v1/runs/${id}/logs`);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(linesOf(answer.text)).toMatchObject([
      { task: 'extract', level: 'info', attempt: 1, instance: null, message: 'one', at: '2001-02-03T04:05:06.000Z', fields: { n: 1 } }, { message: 'two' }, { task: 'load' }, { message: 'four' },
    ]);
  });

  test('is cut by task, attempt, level and place', async () => {
    const messages = async (query: string) => linesOf((await api.call('GET', `/v1/runs/${id}/logs?${query}`)).text).map(({ message }) => message.slice(0, 5));
    expect(await messages('task=extract')).toEqual(['one', 'two']);
    expect(await messages('attempt=2')).toEqual(['two']);
    expect(await messages('level=warn')).toEqual(['two', 'three']);
    const [first] = linesOf((await api.call('GET', `/v1/runs/${id}/logs`)).text);
    expect(await messages(`after=${first?.id ?? 0}&task=extract`)).toEqual(['two']);
    expect((await api.call('GET', `/v1/runs/${id}/logs?level=loud`)).status).toBe(422);
  });

  test('is text for people, without control codes of its own', async () => {
    const byAccept = await api.call('GET', `/v1/runs/${id}/logs?task=load`, { headers: { accept: 'text/plain' } });
    const byFormat = await api.call('GET', `/v1/runs/${id}/logs?task=load&format=text`);
    expect(byAccept.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(byAccept.text).toBe(byFormat.text);
    expect(byAccept.text.split('\n').slice(0, 2)).toEqual(['2001-02-03T04:05:06.000Z error load#1 three', '    and \u{FFFD}[31mred\u{FFFD} {"n":1}']);
  });

  test('is followed until the run ends', async () => {
    const run = await startRun(api, 'followed');
    const reading = api.call('GET', `/v1/runs/${run}/logs?follow=true`);
    await sleep(200);
    for (const message of ['a', 'b']) await appendLogs(api.database.pool, [line(run, 'extract', 'info', message)]);
    await tell(api, run, 1, 'succeeded', end);
    expect(linesOf((await reading).text).map(({ message }) => message)).toEqual(['a', 'b']);
  });
});

test('nothing is told to a stream whose key has been revoked', async () => {
  const run = await startRun(api, 'watched');
  const made = await api.call('POST', '/v1/keys', { body: { subject: { type: 'user', name: 'leaver' }, roles: ['viewer'] } });
  const open = (what: string) => api.fetch('GET', `/v1/runs/${run}/${what}`, { key: String(made.body['key']) });
  const [events, logs] = await Promise.all([open('events'), open('logs?follow=true')]);
  expect([events.status, logs.status]).toEqual([200, 200]);
  await api.call('DELETE', `/v1/keys/${String(made.body['id'])}`);
  await tell(api, run, 1, 'running');
  expect(await events.text()).toBe('');
  await expect(logs.text()).rejects.toThrow('terminated');
});

describe('artifacts', () => {
  async function save(name: string, contentType: string, content: string): Promise<{ id: string; runId: string }> {
    const runId = await startRun(api, 'artifacts');
    const store = new ArtifactStore(api.deps.files, api.deps.artifacts, { runId, task: 'extract', instance: null });
    const { uri } = await store.save(name, contentType, content);
    return { id: uri.replace('artifact://', ''), runId };
  }
  const open = (id: string, headers: Record<string, string> = {}) => api.call('GET', `/v1/artifacts/${id}`, { headers });

  test('are listed by run with the place of their content', async () => {
    const { id, runId } = await save('rows.csv', 'text/csv', 'a,b\n1,2\n');
    const { body } = await api.call('GET', `/v1/runs/${runId}/artifacts`);
    expect(body['items']).toMatchObject([{ id, task: 'extract', instance: null, name: 'rows.csv', uri: `artifact://${id}`, bytes: 8, contentType: 'text/csv', href: `/v1/artifacts/${id}` }]);
    const content = await open(id);
    expect([content.status, content.text, content.headers.get('content-type'), content.headers.get('content-length')]).toEqual([200, 'a,b\n1,2\n', 'text/csv; charset=utf-8', '8']);
    expect(content.headers.get('content-disposition')).toBe('inline; filename="rows.csv"; filename*=UTF-8\'\'rows.csv');
  });

  test('are read in parts, and not at all when they are known', async () => {
    const { id } = await save('digits.txt', 'text/plain', '0123456789');
    const part = await open(id, { range: 'bytes=2-4' });
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await open(id, { range: 'bytes=-3' })).text).toBe('789');
    expect((await open(id, { range: 'bytes=20-' })).status).toBe(416);
    const etag = (await open(id)).headers.get('etag') ?? '';
    expect((await open(id, { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status).toBe(304);
  });

  test.each([['text/html', 'attachment'], ['image/svg+xml', 'attachment'], ['application/xhtml+xml', 'attachment'], ['text/xml', 'attachment'], ['image/png', 'inline']])(
    'of type %s are sent as %s, and nothing in them may run', async (type, kind) => {
      const { headers } = await open((await save('файл x.bin', type, '<script>alert(1)</script>')).id);
      expect(headers.get('content-disposition')).toMatch(new RegExp(`^${kind}; filename="____ x.bin"; filename\\*=UTF-8''%D1%84`));
      expect(headers.get('content-security-policy')).toContain("sandbox; default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    });

  test('that are not there, or whose content is gone, are 404', async () => {
    expect((await open(uuidv7())).status).toBe(404);
    const { id } = await save('gone.txt', 'text/plain', 'to be lost');
    await api.database.pool.query("update artifacts set sha256 = repeat('0', 64) where id = $1", [id]);
    expect(await open(id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
