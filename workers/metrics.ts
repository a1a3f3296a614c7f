import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Worker } from '@temporalio/worker';
import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../platform/config';

/** Shows how much the workers of this process have at hand; looked at with every scrape. */
export function registerWorkerMetrics(workers: readonly Worker[], config: Pick<Config, 'DATAMCP_WORKER_ACTIVITIES' | 'DATAMCP_WORKER_CACHED_WORKFLOWS'>, registry: Registry): void {
  const registers = [registry];
  const sum = (count: (status: ReturnType<Worker['getStatus']>) => number): number => workers.reduce((total, worker) => total + count(worker.getStatus()), 0);
  new Gauge({
    name: 'datamcp_worker_activities', help: 'Activities under way, by kind: full ones, and local ones of the workflows here', labelNames: ['kind'], registers,
    collect() {
      this.set({ kind: 'full' }, sum(({ numInFlightNonLocalActivities }) => numInFlightNonLocalActivities));
      this.set({ kind: 'local' }, sum(({ numInFlightLocalActivities }) => numInFlightLocalActivities));
    },
  });
  new Gauge({
    name: 'datamcp_worker_activity_slots', help: 'Full activities that may be under way at a time', registers,
    collect() { this.set(config.DATAMCP_WORKER_ACTIVITIES * workers.length); },
  });
  new Gauge({
    name: 'datamcp_worker_cached_workflows', help: 'Workflows in memory', registers,
    collect() { this.set(sum(({ numCachedWorkflows }) => numCachedWorkflows)); },
  });
  new Gauge({
    name: 'datamcp_worker_workflow_slots', help: 'Workflows that may be in memory at a time', registers,
    collect() { this.set(config.DATAMCP_WORKER_CACHED_WORKFLOWS); },
  });
}

/**
 * A free address on loopback for the metrics of Temporal's SDK, which only its native part can serve. They are shown
 * among the worker's own, so nobody has to know it. The SDK could hand over each measurement instead: that would cost
 * the main thread some ten objects a task.
 */
export async function sdkMetricsAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('A listening server has a port');
  return `127.0.0.1:${address.port}`;
}

const sdkPatienceMs = 2_000;

/** The metrics of this process in Prometheus's text format, with those of Temporal's SDK if it shows any just now. */
export async function exposition(registry: Registry, sdkAddress: string | undefined): Promise<string> {
  const own = await registry.metrics();
  if (sdkAddress === undefined) return own;
  const sdk = await fetch(`http://${sdkAddress}/metrics`, { signal: AbortSignal.timeout(sdkPatienceMs) }).then((answer) => answer.text()).catch(() => '');
  return `${own.trimEnd()}\n${sdk}`;
}
