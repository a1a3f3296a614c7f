import fc from 'fast-check';
import { parseEvents, type RunEvent } from './event-stream';

const stream = [
  ': hello\n\n',
  'event: run.started\nid: 1\ndata: {"seq":1,"type":"run.started","at":"2026-01-01T00:00:00Z","data":{}}\n\n',
  'event: task\ndata: {"id":"größe","status":"running"}\n\n',
  'event: task.failed\nid: 2\ndata: {"seq":2,"type":"task.failed","at":"2026-01-01T00:00:01Z","task":"größe","data":{"generation":0}}\n\n',
  'event: odd\nid: 3\ndata: no json\n\n',
  'event: list\nid: 4\ndata: [1]\n\n',
].join('');

async function* chunks(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function parsed(sizes: number[]): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of parseEvents(chunks(new TextEncoder().encode(stream), sizes))) events.push(event);
  return events;
}

test('durable events carry a number and their data, live ones their own shape, the rest is left out', async () => {
  expect(await parsed([])).toEqual([
    { seq: 1, type: 'run.started', at: '2026-01-01T00:00:00Z', data: {} },
    { seq: null, type: 'task', at: null, data: { id: 'größe', status: 'running' } },
    { seq: 2, type: 'task.failed', at: '2026-01-01T00:00:01Z', data: { task: 'größe', generation: 0 } },
  ]);
});

test('wherever the network cuts the stream, the events are the same', async () => {
  const whole = await parsed([]);
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }), async (sizes) => {
    expect(await parsed(sizes)).toEqual(whole);
  }));
});
