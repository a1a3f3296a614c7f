import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { JsonObject } from '../domain/json';
import type { ApiClient } from './client';
import { isJsonObject, readJsonObject } from './json-text';

/** An event of a run as the API streams it: durable ones carry a number, those about live progress carry none. */
export interface RunEvent {
  seq: number | null;
  type: string;
  at: string | null;
  data: JsonObject;
}

/** A stream in which nothing moves for this long, not even a comment, is taken for dead. */
const silenceMs = 60_000;

/**
 * One connection to the events of a run, from the event after `lastEventId` until the server or the wire ends it.
 * @throws AppError when it cannot be opened or breaks; the signal's reason when it is aborted
 */
export async function* openRunEvents(client: ApiClient, runId: string, lastEventId: number | null, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const silence = new AbortController();
  const response = await client.open(`/v1/runs/${runId}/events`, {
    headers: { accept: 'text/event-stream', ...(lastEventId === null ? {} : { 'last-event-id': String(lastEventId) }) },
    signal: AbortSignal.any([signal, silence.signal]),
  });
  const watchdog = setTimeout(() => silence.abort(new DOMException('the stream went silent', 'TimeoutError')), silenceMs);
  try {
    yield* parseEvents(response.body ?? [], () => watchdog.refresh());
  } catch (error) {
    throw client.explained(error, signal);
  } finally {
    clearTimeout(watchdog);
  }
}

/** Turns the bytes of a Server-Sent Events stream into events, also where an event or a character is cut in two. */
export async function* parseEvents(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, onChunk: () => void = () => undefined): AsyncGenerator<RunEvent> {
  const decoder = new TextDecoder();
  const complete: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => complete.push(message) });
  for await (const chunk of chunks) {
    onChunk();
    parser.feed(decoder.decode(chunk, { stream: true }));
    for (const message of complete.splice(0)) {
      const event = readEvent(message);
      if (event) yield event;
    }
  }
}

/** What is no JSON object is not for this version of the command line. */
function readEvent(message: EventSourceMessage): RunEvent | undefined {
  const body = readJsonObject(message.data);
  if (!body) return undefined;
  const seq = message.id === undefined || !/^\d+$/.test(message.id) ? null : Number(message.id);
  const type = message.event ?? (typeof body['type'] === 'string' ? body['type'] : '');
  if (seq === null) return { seq, type, at: null, data: body };
  const { data, at, task } = body;
  const inner = isJsonObject(data) ? data : {};
  return { seq, type, at: typeof at === 'string' ? at : null, data: { ...(task === undefined ? {} : { task }), ...inner } };
}
