import { z } from 'zod';
import { defineWorkflowStep } from '../processor';

export const temporalActivity = defineWorkflowStep({
  name: 'temporal.activity',
  title: 'Activity of another worker',
  description: 'Calls an activity of that name on that task queue, of a worker in any language; its result is the output. `timeout`, `totalTimeout`, `retry` and `priority` of the task are those of the activity.',
  version: '1.0.0',
  input: z.strictObject({
    activity: z.string().min(1).max(200).describe('Name of the activity type, as its worker registers it'),
    taskQueue: z.string().min(1).max(200).describe('The task queue that its worker polls'),
    args: z.array(z.unknown()).optional().describe('Arguments, in order, as JSON'),
    heartbeatTimeout: z.string().min(1).optional().describe('The activity counts as lost when it does not heartbeat for so long (`30s`); by default only `timeout` ends it'),
  }),
  output: z.unknown(),
});
