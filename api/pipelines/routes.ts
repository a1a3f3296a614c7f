import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { findVersion, listPipelines, listVersions } from '../../db/pipelines';
import { definitionBody, noBody } from '../body';
import { cutPage, decodeCursor, pageQuery } from '../pages';
import { nothing, route } from '../route';
import {
  appliedSchema, applyQuery, listQuery, nameParams, pipelineDetailSchema, pipelineName, pipelinePageSchema, pipelineSchema,
  validationSchema, versionDetailSchema, versionPageSchema, versionParams,
} from './schemas';
import { applyPipeline, archivePipeline, checkDefinition, requirePipeline } from './service';
import { pipelineTag, pipelineView, planSummary, versionView } from './views';

const tag = 'pipelines';

export const pipelineRoutes = [
  route({
    method: 'get', path: '/v1/pipelines', tag, access: 'viewer', summary: 'List the pipelines by name',
    params: nothing, query: listQuery, body: noBody, success: { 200: 'a page of pipelines' }, result: pipelinePageSchema,
    async handle({ deps, query: { limit, cursor, archived } }) {
      const after = decodeCursor(pipelineName, cursor);
      const rows = await listPipelines(deps.pool, { after, archived: archived === 'true', limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, pipelineView, (row) => row.name) };
    },
  }),
  route({
    method: 'post', path: '/v1/pipelines/validate', tag, access: 'author', summary: 'Check a definition without storing it',
    params: nothing, query: nothing, body: definitionBody, success: { 200: 'what was found, good or bad' }, result: validationSchema,
    async handle(call) {
      const { plan, errors, warnings } = await checkDefinition(call);
      const valid = plan !== null && errors.length === 0;
      return { status: 200, body: { valid, errors: [...errors], warnings: [...warnings], plan: valid ? { ...plan } : null } };
    },
  }),
  route({
    method: 'put', path: '/v1/pipelines/{name}', tag, access: 'author', summary: 'Apply a definition',
    params: nameParams, query: applyQuery, body: definitionBody, headers: ['If-Match', 'If-None-Match'],
    success: { 200: 'a new version, or unchanged', 201: 'the first version' }, result: appliedSchema,
    async handle(call) {
      const { applied, etag } = await applyPipeline(call);
      const created = applied.change === 'created' && !applied.dryRun;
      return { status: created ? 201 : 200, body: applied, headers: { ETag: etag, Location: `/v1/pipelines/${applied.name}` } };
    },
  }),
  route({
    method: 'get', path: '/v1/pipelines/{name}', tag, access: 'viewer', summary: 'Show a pipeline and its newest definition',
    params: nameParams, query: nothing, body: noBody, success: { 200: 'the pipeline' }, result: pipelineDetailSchema,
    async handle({ deps, params }) {
      const row = await requirePipeline(deps.pool, params.name);
      const version = await findVersion(deps.pool, row.name, row.version);
      if (!version) throw new AppError('internal', `Version ${row.version} of ${row.name} is not stored`);
      const plan = planSummary((await deps.plans.get(deps.pool, row.planHash)).plan);
      const { source, format, createdBy } = version;
      return { status: 200, body: { ...pipelineView(row), source, format, createdBy, plan }, headers: { ETag: pipelineTag(row) } };
    },
  }),
  route({
    method: 'delete', path: '/v1/pipelines/{name}', tag, access: 'author', summary: 'Archive a pipeline',
    params: nameParams, query: nothing, body: noBody, headers: ['If-Match'],
    success: { 200: 'archived; applying it again brings it back' }, result: pipelineSchema,
    async handle(call) {
      const row = await archivePipeline(call, call.request);
      return { status: 200, body: pipelineView(row), headers: { ETag: pipelineTag(row) } };
    },
  }),
  route({
    method: 'get', path: '/v1/pipelines/{name}/versions', tag, access: 'viewer', summary: 'List the versions, newest first',
    params: nameParams, query: pageQuery(), body: noBody, success: { 200: 'a page of versions' }, result: versionPageSchema,
    async handle({ deps, params, query: { limit, cursor } }) {
      await requirePipeline(deps.pool, params.name);
      const rows = await listVersions(deps.pool, params.name, { before: decodeCursor(z.int32(), cursor), limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, versionView, (row) => row.version) };
    },
  }),
  route({
    method: 'get', path: '/v1/pipelines/{name}/versions/{version}', tag, access: 'viewer', summary: 'Show a version',
    params: versionParams, query: nothing, body: noBody, success: { 200: 'the version with its document' }, result: versionDetailSchema,
    async handle({ deps, params }) {
      const version = await findVersion(deps.pool, params.name, params.version);
      if (!version) throw new AppError('not_found', `There is no version ${params.version} of a pipeline "${params.name}".`);
      const plan = planSummary((await deps.plans.get(deps.pool, version.planHash)).plan);
      return { status: 200, body: { ...versionView(version), source: version.source, plan } };
    },
  }),
];
