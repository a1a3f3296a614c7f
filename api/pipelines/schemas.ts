import { z } from 'zod';
import { pageOf, pageQuery } from '../pages';
import { faultSchema } from '../problem';
import { largestInteger } from '../validation';

export const pipelineName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
export const nameParams = z.object({ name: pipelineName });
export const versionParams = z.object({ name: pipelineName, version: z.coerce.number().int().min(1).max(largestInteger) });

const flag = z.enum(['true', 'false']).default('false');
export const applyQuery = z.strictObject({ dryRun: flag.describe('check everything and store nothing') });
export const listQuery = pageQuery().extend({ archived: flag.describe('the archived pipelines instead of those in use') });

const labels = z.record(z.string(), z.string());

export const pipelineSchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  labels,
  version: z.number().int().describe('the newest one'),
  planHash: z.string(),
  archivedAt: z.string().nullable().describe('since when no new runs are accepted'),
  createdAt: z.string(),
  updatedAt: z.string(),
}).meta({ id: 'Pipeline' });
export const pipelinePageSchema = pageOf(pipelineSchema, 'Pipeline');

const anyJson = z.unknown().describe('any JSON');
export const planSummarySchema = z.object({
  tasks: z.number().int(),
  edges: z.number().int(),
  processors: z.array(z.string()),
  inputs: z.record(z.string(), z.looseObject({ type: z.string() })).describe('as the definition gives them'),
  outputs: z.array(z.string()),
  triggers: z.array(z.looseObject({ kind: z.string(), name: z.string() })),
  concurrency: z.object({ key: z.string(), limit: z.number().int(), whenFull: z.enum(['queue', 'reject']) }).nullable(),
  priority: z.number().int(),
  timeoutMs: z.number(),
  failFast: z.boolean(),
}).meta({ id: 'PlanSummary' });

export const versionSchema = z.object({
  version: z.number().int(),
  planHash: z.string(),
  format: z.enum(['yaml', 'json']),
  tasks: z.number().int(),
  createdBy: z.string(),
  createdAt: z.string(),
}).meta({ id: 'PipelineVersion' });
export const versionPageSchema = pageOf(versionSchema, 'PipelineVersion');

const definition = { source: z.string().describe('the document as it came'), plan: planSummarySchema };
export const versionDetailSchema = versionSchema.extend(definition).meta({ id: 'PipelineVersionDetail' });
export const pipelineDetailSchema = pipelineSchema.extend({ ...definition, format: z.enum(['yaml', 'json']), createdBy: z.string() })
  .meta({ id: 'PipelineDetail' });

export const appliedSchema = z.object({
  name: z.string(),
  version: z.number().int(),
  planHash: z.string(),
  tasks: z.number().int(),
  change: z.enum(['created', 'updated', 'unchanged', 'revived']),
  dryRun: z.boolean(),
  warnings: z.array(faultSchema),
}).meta({ id: 'AppliedPipeline' });

export const validationSchema = z.object({
  valid: z.boolean(),
  errors: z.array(faultSchema),
  warnings: z.array(faultSchema),
  plan: z.record(z.string(), anyJson).nullable().describe('the definition in its normalised form'),
}).meta({ id: 'Validation' });
