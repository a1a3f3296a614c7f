import { contentType as headerOf } from 'mime-types';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { findRunStatus } from '../../db/run-queries';
import type { ArtifactOfRun } from '../../db/artifacts';
import { noBody } from '../body';
import { nothing, route, streamed } from '../route';
import { sendContent } from './content';

export const artifactSchema = z.object({
  id: z.uuid(),
  task: z.string(),
  instance: z.number().int().nullable().describe('item number of a `forEach` instance'),
  name: z.string(),
  uri: z.string().describe('how tasks refer to it'),
  bytes: z.number().int(),
  sha256: z.string(),
  contentType: z.string(),
  createdAt: z.string(),
  reusedFrom: z.string().nullable().describe('the run that made it, if that is an earlier one'),
  href: z.string().describe('where its content is'),
}).meta({ id: 'Artifact' });

const view = ({ id, task, instance, name, bytes, sha256, contentType, createdAt, reusedFrom }: ArtifactOfRun): z.input<typeof artifactSchema> => ({
  id, task, instance, name, uri: `artifact://${id}`, bytes, sha256, contentType, createdAt: createdAt.toISOString(), reusedFrom, href: `/v1/artifacts/${id}`,
});

export const artifactRoutes = [
  route({
    method: 'get', path: '/v1/runs/{id}/artifacts', tag: 'artifacts', access: 'viewer', summary: 'Artifacts that a run has made or reuses',
    params: z.object({ id: z.uuid() }), query: nothing, body: noBody,
    success: { 200: 'in the order in which they were made' }, result: z.object({ items: z.array(artifactSchema) }).meta({ id: 'Artifacts' }),
    async handle({ deps, params }) {
      if (!(await findRunStatus(deps.pool, params.id))) throw new AppError('not_found', `There is no run ${params.id}.`);
      return { status: 200, body: { items: (await deps.artifacts.listByRun(params.id)).map(view) } };
    },
  }),
  route({
    method: 'get', path: '/v1/artifacts/{id}', tag: 'artifacts', access: 'viewer', summary: 'The content of an artifact',
    params: z.object({ id: z.uuid() }), query: nothing, body: noBody, headers: ['Range'],
    success: { 200: 'the content', 206: 'the bytes that were asked for' },
    result: z.string().meta({ format: 'binary' }), media: ['*/*'],
    async handle({ deps, params, request, response }) {
      const artifact = await deps.artifacts.find(params.id);
      if (!artifact) throw new AppError('not_found', `There is no artifact ${params.id}.`);
      const type = headerOf(artifact.contentType) || 'application/octet-stream';
      await sendContent(request, response, deps.files.contents, { ...artifact, contentType: type });
      return streamed;
    },
  }),
];
