import { z } from 'zod';
import { definitionJsonSchema } from '../../domain/pipeline/definition';
import { loadCatalogue } from '../../db/processors';
import { noBody } from '../body';
import { nothing, route } from '../route';

const schemaMedia = 'application/schema+json';

export const schemaRoutes = [
  route({
    method: 'get', path: '/v1/schemas/pipeline', tag: 'pipelines', access: 'viewer',
    summary: 'JSON Schema of definitions, for editors, with the processors that workers have published',
    params: nothing, query: nothing, body: noBody,
    success: { 200: 'JSON Schema, draft 2020-12' }, result: z.record(z.string(), z.unknown()).meta({ id: 'PipelineSchema' }), media: [schemaMedia],
    async handle({ deps }) {
      const offered = [...await loadCatalogue(deps.pool)].filter(([, entry]) => entry.withdrawnAt === undefined);
      const schema = definitionJsonSchema(new Map(offered));
      return { status: 200, body: schema, headers: { 'Content-Type': schemaMedia } };
    },
  }),
];
