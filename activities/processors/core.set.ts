import { z } from 'zod';
import { defineWorkflowStep } from '../processor';

const values = z.record(z.string(), z.unknown());

export const coreSet = defineWorkflowStep({
  name: 'core.set',
  title: 'Values',
  description: 'Its output is its `with`, with every expression evaluated. Costs no activity.',
  version: '1.0.0',
  input: values,
  output: values,
});
