import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Call { method: string; path: string; headers: IncomingMessage['headers']; body: string }

/** A real server that remembers what it was asked, and answers by the path. */
export class Target {
  readonly calls: Call[] = [];
  /** Answers that are under way. */
  open = 0;
  /** Addresses of ours at which it was called. */
  readonly peers = new Set<string | undefined>();
  private constructor(private readonly server: Server, readonly url: string, readonly port: number) {}

  static async listen(answer: (path: string, response: ServerResponse) => void, host = '127.0.0.1'): Promise<Target> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    const target = new Target(server, `http://${host}:${port}`, port);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      target.open += 1;
      target.peers.add(request.socket.localAddress);
      response.on('close', () => { target.open -= 1; });
      void text(request).then((body) => {
        target.calls.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
        answer(request.url ?? '', response);
      });
    });
    return target;
  }

  /** Resolves when it was called so many times. */
  async asked(times: number): Promise<void> {
    while (this.calls.length < times) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
