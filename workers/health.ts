import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../domain/errors';
import type { CircuitReport } from '../platform/circuit-breakers';
import { listenAt, type ServerAddress } from '../platform/server-address';
import type { Reached } from './reporter';

export interface HealthReport {
  ready: boolean;
  detail: string;
  /** Circuits of target hosts that are not closed: their tasks wait, the worker is well. */
  circuits?: CircuitReport[];
}

export interface WorkerReports {
  health: () => HealthReport;
  /** What it cannot reach. */
  trouble: () => Reached;
  /** The text format of Prometheus. */
  metrics: () => Promise<string>;
}

/**
 * `/livez`, `/readyz`, `/health` and `/metrics` of the worker: one that waits for Postgres or Temporal is alive, not
 * ready. They need no key, and tell nothing of what users do beside the names of processors and hosts.
 */
export async function serveHealth(address: ServerAddress, reports: WorkerReports): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, reports).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${errorMessage(error)}\n`);
    });
  });
  await listenAt(server, address, 'DATAMCP_WORKER_HEALTH_HOST, DATAMCP_WORKER_HEALTH_PORT');
  return { port: portOf(server), close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
}

async function answer(request: IncomingMessage, response: ServerResponse, { health, trouble, metrics }: WorkerReports): Promise<void> {
  switch (request.url?.split('?')[0]) {
    case '/livez': return sendReport(response, 200, health());
    case '/readyz': {
      const report = health();
      return sendReport(response, report.ready ? 200 : 503, report);
    }
    case '/health': return sendReport(response, 200, componentsOf(health(), trouble()));
    case '/metrics': {
      const text = await metrics();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
      return;
    }
    default: response.writeHead(404).end();
  }
}

type Component = { status: 'healthy' | 'degraded'; detail: string | null };

const componentOf = (detail: string | null): Component => ({ status: detail === null ? 'healthy' : 'degraded', detail });

/** In the words of the API's health. A worker without Postgres or Temporal goes on with what it has, and waits. */
function componentsOf({ ready, detail, circuits = [] }: HealthReport, { postgres, temporal }: Reached): { status: Component['status']; components: Record<string, Component> } {
  const components = {
    worker: ready ? { status: 'healthy' as const, detail } : { status: 'degraded' as const, detail },
    postgres: componentOf(postgres), temporal: componentOf(temporal),
    circuits: componentOf(circuits.length === 0 ? null : `calls are held back from ${circuits.map(({ host }) => host).join(', ')}`),
  };
  return { status: Object.values(components).some(({ status }) => status === 'degraded') ? 'degraded' : 'healthy', components };
}

function sendReport(response: ServerResponse, status: number, report: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(report)}\n`);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
