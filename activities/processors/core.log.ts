import { z } from 'zod';
import { defineProcessor } from '../processor';

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export const coreLog = defineProcessor({
  name: 'core.log',
  title: 'Log line',
  description: 'Writes one line to the log of the task. A value that is not a string is written as JSON.',
  version: '1.0.0',
  quick: true,
  input: z.strictObject({
    message: z.unknown().describe('The line'),
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Severity of the line'),
  }),
  output: z.strictObject({ message: z.string() }),
  process: (context, input) => {
    const message = asText(input.message);
    context.logger[input.level](message);
    return Promise.resolve({ message });
  },
});
