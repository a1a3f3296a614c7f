import { z } from 'zod';
import { limits } from '../../domain/limits';
import { newRunSchema, runSchema, taskId } from './schemas';

export const rerunSchema = newRunSchema.extend({
  from: z.union([z.enum(['start', 'failed']), z.array(taskId).min(1).max(limits.tasks)], 'must be "start", "failed" or a list of tasks')
    .describe('what runs: everything, what did not succeed, or these tasks and what did not succeed; and all that is below'),
  inputs: newRunSchema.shape.inputs.describe('over those of the old run'),
  version: newRunSchema.shape.version.describe('that of the old run, if it is not given'),
  labels: newRunSchema.shape.labels.describe('over those of the old run'),
  changed: z.enum(['refuse', 'run']).default('refuse')
    .describe('what becomes of tasks that have succeeded, and could come to another result now'),
  dryRun: z.boolean().default(false).describe('only tell what would become of every task'),
}).meta({ id: 'Rerun' });

const count = z.number().int();
export const rerunPlanSchema = z.object({
  dryRun: z.literal(true),
  rerunOf: z.string(),
  pipeline: z.string(),
  version: z.number().int(),
  inputs: runSchema.shape.inputs,
  counts: z.object({ reuse: count, run: count, changed: count }),
  tasks: z.array(z.object({
    id: z.string(),
    verdict: z.enum(['reuse', 'run', 'changed']),
    because: z.string().nullable().describe('why it is not reused'),
    differs: z.array(z.string()).describe('of a changed task: fields of its definition, and `inputs.<name>`'),
    reusedFrom: z.string().nullable().describe('the run that gave the result'),
    instances: z.number().int().nullable().describe('of a `forEach` that runs: so many instances are reused, if their items come again'),
  })),
  removed: z.array(z.string()).describe('tasks that only the old run has'),
}).meta({ id: 'RerunPlan' });

export const rerunResultSchema = z.union([runSchema, rerunPlanSchema]);
