import { z } from 'zod';
import { defineProcessor } from '../processor';

export const coreNoop = defineProcessor({
  name: 'core.noop',
  title: 'Nothing',
  description: 'Succeeds at once: a place to join branches.',
  version: '1.0.0',
  quick: true,
  input: z.strictObject({}),
  output: z.null(),
  process: () => Promise.resolve(null),
});
