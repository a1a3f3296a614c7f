import { Counter, Gauge, type Registry } from 'prom-client';
import type { CircuitBreakers, CircuitStatus } from './circuit-breakers';

const valueOf: Readonly<Record<CircuitStatus, number>> = { closed: 0, half_open: 1, open: 2 };

/** Shows circuits in a registry of Prometheus. They are read at every scrape, so calls pay nothing for it. */
export function registerCircuitMetrics(circuits: CircuitBreakers, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'datamcp_circuit_state', help: 'Circuit of a target host: 0 closed, 1 half open, 2 open',
    labelNames: ['host'], registers,
    collect() {
      this.reset();
      for (const { host, status } of circuits.report()) this.set({ host }, valueOf[status]);
    },
  });
  new Counter({
    name: 'datamcp_circuit_calls_total', help: 'Calls to a target host: answered, failed by its fault, or refused while its circuit was open',
    labelNames: ['host', 'outcome'], registers,
    collect() {
      this.reset();
      for (const { host, answered, failed, refused } of circuits.report()) {
        for (const [outcome, count] of Object.entries({ answered, failed, refused })) this.inc({ host, outcome }, count);
      }
    },
  });
  new Counter({
    name: 'datamcp_circuit_opened_total', help: 'How often the circuit of a target host has opened',
    labelNames: ['host'], registers,
    collect() {
      this.reset();
      for (const { host, opened } of circuits.report()) this.inc({ host }, opened);
    },
  });
}
