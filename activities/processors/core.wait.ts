import { z } from 'zod';
import { defineWorkflowStep } from '../processor';
import { exactlyOne } from './shapes';

const input = z.strictObject({
  duration: z.string().min(1).optional().describe('How long: `500ms`, `30s`, `5m`, `2h`, `7d` or ISO 8601'),
  until: z.iso.datetime({ offset: true }).optional().describe('The moment (RFC 3339 with an offset); one that has passed does not wait'),
});

export const coreWait = defineWorkflowStep({
  name: 'core.wait',
  title: 'Durable wait',
  description: 'A timer that survives every restart and holds nothing meanwhile. Takes exactly one of `duration` and `until`.',
  version: '1.0.0',
  input: exactlyOne(input, ['duration', 'until']),
  output: z.strictObject({ until: z.string().describe('The moment that it waited for (RFC 3339, UTC)') }),
});
