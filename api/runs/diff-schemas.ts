import { z } from 'zod';
import { taskStatuses } from '../../domain/pipeline/status';
import { runSchema, taskSchema } from './schemas';

const json = taskSchema.shape.output;
const value = z.object({
  name: z.string(),
  left: json.optional().describe('absent on the side that does not have it; where one side has more than 2 KiB, both are texts around the first difference'),
  right: json.optional(),
});

const comparedRunSchema = runSchema.pick({ id: true, version: true, status: true, rerunOf: true, createdAt: true })
  .extend({ durationMs: z.number().int().nullable() }).meta({ id: 'ComparedRun' });

const comparedTaskSchema = z.object({
  status: z.enum(taskStatuses),
  attempt: z.number().int(),
  durationMs: z.number().int().nullable(),
  reusedFrom: z.string().nullable(),
  output: json.describe('null when it has more than 2 KiB'),
  outputBytes: z.number().int(),
}).meta({ id: 'ComparedTask' });
const taskOrNull = z.union([comparedTaskSchema, z.null()]);

export const diffQuery = z.strictObject({ with: z.uuid().describe('the other run: it is on the right') });

export const runDiffSchema = z.object({
  pipeline: z.string(),
  left: comparedRunSchema,
  right: comparedRunSchema,
  inputs: z.array(value).describe('those that differ'),
  definition: z.object({
    fields: z.array(value).describe('of the pipeline, those that differ'),
    tasks: z.array(z.object({ id: z.string(), change: z.enum(['added', 'removed', 'changed']), fields: z.array(value) })),
  }),
  outputs: z.array(value).describe('of the runs, those that differ'),
  tasks: z.array(z.object({
    id: z.string(),
    differs: z.array(z.enum(['definition', 'status', 'output', 'artifacts', 'duration']))
      .describe('`duration`: by a second or more, and one is at least twice the other'),
    left: taskOrNull,
    right: taskOrNull,
    artifacts: z.array(z.object({
      instance: z.number().int().nullable(), name: z.string(), left: z.string().nullable(), right: z.string().nullable(),
    })).describe('those whose contents differ, by their SHA-256'),
  })).describe('those that differ'),
  truncated: z.boolean().describe('more than 1,000 tasks differ'),
}).meta({ id: 'RunDiff' });
