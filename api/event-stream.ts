import { once } from 'node:events';
import type { Response } from 'express';

export interface StreamedEvent {
  /** Only what can be resumed has an id. */
  id?: number;
  event: string;
  data: unknown;
}

/** Writes lines to a client that may read slower than they come: whoever writes waits for it. */
export async function writeOut(response: Response, text: string): Promise<void> {
  if (response.destroyed || response.writableEnded) return;
  if (text === '' || response.write(text)) return;
  const either = new AbortController();
  const { signal } = either;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  // Takes the listener of the other one away.
  either.abort();
}

/** Server-Sent Events (WHATWG HTML, 9.2). JSON has no line breaks, so each message is one `data` line. */
export class EventStream {
  constructor(private readonly response: Response) {
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
  }

  async send({ id, event, data }: StreamedEvent): Promise<void> {
    await writeOut(this.response, `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps proxies from closing a connection on which nothing happens. */
  comment(text: string): void {
    if (!this.response.destroyed) this.response.write(`: ${text}\n\n`);
  }

  end(): void {
    this.response.end();
  }

  /** Ends before the story does: the client comes back after `retryMs`, with the id of the last event. */
  async interrupt(retryMs: number): Promise<void> {
    await writeOut(this.response, `retry: ${retryMs}\n\n`);
    this.end();
  }
}
