import { Gauge, Histogram, Registry } from 'prom-client';
import { registerProcessMetrics } from '../platform/process-metrics';

export interface HttpMetrics {
  registry: Registry;
  /** A request has come. */
  begin(): void;
  /** A request has been answered, or was given up by its caller. */
  end(labels: { method: string; route: string; status: number }, seconds: number): void;
}

/** Methods that are told apart. A caller may make up others, and each would be a series. */
const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Metrics of the process and of its HTTP calls; the route is the pattern, so that the number of series stays bounded. */
export function makeMetrics(): HttpMetrics {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests that are being answered, open streams included', registers: [registry] });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer; streams count until they end',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  return {
    registry,
    begin: () => inFlight.inc(),
    end({ method, route, status }, seconds) {
      inFlight.dec();
      duration.observe({ method: knownMethods.has(method) ? method : 'other', route, status: String(status) }, seconds);
    },
  };
}
