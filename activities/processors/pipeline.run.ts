import { z } from 'zod';
import { defineWorkflowStep } from '../processor';

const values = z.record(z.string(), z.unknown());

export const pipelineRun = defineWorkflowStep({
  name: 'pipeline.run',
  title: 'Sub-pipeline',
  description: 'Runs another pipeline as a child run. Its outputs are the output; it fails with `child_run_failed` when the child does not succeed.',
  version: '1.0.0',
  input: z.strictObject({
    pipeline: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/).describe('Name of the pipeline'),
    version: z.int().min(1).optional().describe('Version of the pipeline; the latest at the moment of the start when left out'),
    inputs: values.optional().describe('Inputs of the child run'),
  }),
  output: values,
});
