import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CircuitReport } from '../platform/circuit-breakers';

export interface HealthReport {
  ready: boolean;
  detail: string;
  /** Circuits of target hosts that are not closed: their tasks wait, the worker is well. */
  circuits?: CircuitReport[];
}

/** `/livez` and `/readyz` of the worker: a worker that waits for Postgres or Temporal is alive, not ready. */
export async function serveHealth(host: string, port: number, report: () => HealthReport): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { ready, ...rest } = report();
    const alive = request.url === '/livez';
    const known = alive || request.url === '/readyz';
    response.writeHead(!known ? 404 : alive || ready ? 200 : 503, { 'content-type': 'application/json' });
    response.end(known ? `${JSON.stringify({ ready, ...rest })}\n` : '');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: portOf(server), close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
