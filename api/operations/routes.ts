import { z } from 'zod';
import { productVersion } from '../../platform/package-root';
import { noBody } from '../body';
import { nothing, route, streamed, type Reply } from '../route';
import { healthOf } from './health';
import { listQueues } from './queues';

const health = z.enum(['healthy', 'degraded', 'unhealthy']);
export const healthSchema = z.object({
  status: health.describe('that of the worst component'),
  components: z.record(z.string(), z.object({ status: health, latencyMs: z.number(), detail: z.string().nullable() })),
}).meta({ id: 'Health' });

export const queuesSchema = z.object({
  items: z.array(z.object({
    name: z.string(),
    kind: z.enum(['workflow', 'activity']),
    pollers: z.array(z.object({ identity: z.string(), lastSeenAt: z.string().nullable() })),
    backlog: z.number().int(),
    backlogAgeMs: z.number().int(),
  })),
}).meta({ id: 'Queues' });

const versionSchema = z.object({ version: z.string(), api: z.literal('v1'), language: z.literal(1), node: z.string() }).meta({ id: 'Version' });

const plain = { tag: 'operations', params: nothing, query: nothing, body: noBody } as const;

export const operationRoutes = [
  route({
    ...plain, method: 'get', path: '/health', access: 'viewer', summary: 'Health of each component',
    success: { 200: 'healthy or degraded', 503: 'unhealthy' }, result: healthSchema,
    async handle({ deps }) {
      const body = await healthOf(deps);
      return body.status === 'unhealthy' ? { status: 503, body, headers: { 'Retry-After': '2' } } : { status: 200, body };
    },
  }),
  route({
    ...plain, method: 'get', path: '/metrics', access: 'viewer', summary: 'Metrics of this process for Prometheus',
    success: { 200: 'the text format of Prometheus' }, result: z.string(), media: ['text/plain'],
    async handle({ deps: { metrics: { registry } }, response }) {
      response.set('Content-Type', registry.contentType).send(await registry.metrics());
      return streamed;
    },
  }),
  route({
    ...plain, method: 'get', path: '/version', access: 'viewer', summary: 'Versions of the product and its languages',
    success: { 200: 'versions' }, result: versionSchema,
    async handle(): Promise<Reply<z.output<typeof versionSchema>>> {
      return { status: 200, body: { version: productVersion(), api: 'v1', language: 1, node: process.version } };
    },
  }),
  route({
    ...plain, method: 'get', path: '/v1/queues', access: 'viewer', summary: 'Task queues: who polls them, what waits in them',
    success: { 200: 'the queues of this installation' }, result: queuesSchema,
    async handle({ deps }) {
      return { status: 200, body: { items: await listQueues(deps) } };
    },
  }),
];
