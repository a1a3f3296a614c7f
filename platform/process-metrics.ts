import { Gauge, collectDefaultMetrics, type Registry } from 'prom-client';
import { productVersion } from './package-root';

/** Shows what every process tells of itself: its version, memory, processor time, event loop. Once a process. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'datamcp_build_info', help: 'Always 1: the version of the product is its label', labelNames: ['version'], registers: [registry] })
    .set({ version: productVersion() }, 1);
}
