import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { findProcessor, listProcessors, type ProcessorRow } from '../../db/processors';
import { noBody } from '../body';
import { nothing, route } from '../route';

const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema, draft 2020-12');

const processorSchema = z.object({
  name: z.string().describe('what `uses` names'),
  title: z.string(),
  description: z.string().nullable(),
  version: z.string(),
  mode: z.enum(['activity', 'quick', 'workflow']).describe('where it runs: an activity, a local activity, or the workflow of the run itself'),
  inputSchema: jsonSchema,
  outputSchema: jsonSchema,
  literal: z.array(z.string()).describe('fields of `with` that hold a program text and refuse expressions'),
  publishedAt: z.string().describe('when a worker last said that it has it'),
}).meta({ id: 'Processor' });

const view = (row: ProcessorRow): z.input<typeof processorSchema> =>
  ({ ...row, description: row.description ?? null, literal: row.literal ?? [], publishedAt: row.publishedAt.toISOString() });

export const processorRoutes = [
  route({
    method: 'get', path: '/v1/processors', tag: 'processors', access: 'viewer', summary: 'What tasks can use',
    params: nothing, query: nothing, body: noBody,
    success: { 200: 'all processors that workers have, by name' }, result: z.object({ items: z.array(processorSchema) }).meta({ id: 'Processors' }),
    async handle({ deps }) {
      return { status: 200, body: { items: (await listProcessors(deps.pool)).map(view) } };
    },
  }),
  route({
    method: 'get', path: '/v1/processors/{name}', tag: 'processors', access: 'viewer', summary: 'Show a processor',
    params: z.object({ name: z.string().regex(/^[a-z][a-z0-9_.-]{0,127}$/) }), query: nothing, body: noBody,
    success: { 200: 'the processor with its schemas' }, result: processorSchema,
    async handle({ deps, params }) {
      const row = await findProcessor(deps.pool, params.name);
      if (!row) throw new AppError('not_found', `No worker has a processor "${params.name}".`);
      return { status: 200, body: view(row) };
    },
  }),
];
