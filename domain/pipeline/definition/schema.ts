import { z } from 'zod';
import { longestDurationMs, parseDuration } from '../../duration';
import { limits } from '../../limits';

/**
 * The one source of truth of the pipeline language's shape: documents are checked with it, and the published
 * JSON Schema and the language reference are generated from it. What is beyond shape is checked in the files beside.
 */

/** Words that CEL keeps for itself, so that `tasks.<id>`, `inputs.<name>` and `as` can be read by every CEL parser. */
const celWords: ReadonlySet<string> = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace', 'null', 'package',
  'prototype', 'return', 'true', 'var', 'void', 'while',
]);

const identifierPattern = /^[a-z][a-z0-9_]{0,62}$/;
const namePattern = /^[a-z][a-z0-9-]{0,62}$/;

const identifier = z
  .string()
  .regex(identifierPattern, { error: 'must begin with a small letter and hold at most 63 small letters, digits and `_`' })
  .refine((text) => !celWords.has(text), { error: 'is a word of the expression language' });
const name = z.string().regex(namePattern, { error: 'must begin with a small letter and hold at most 63 small letters, digits and `-`' });

const duration = z
  .string()
  .refine((text) => inRange(parseDuration(text)), { error: 'must be a duration such as 500ms, 30s, 5m, 2h, 7d or ISO 8601, from 1ms to 3650d', params: { code: 'field.duration' } })
  .meta({ pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d)|P[0-9.DTHMSW]+)$', examples: ['30s', '5m', 'PT1H30M'] });
const inRange = (ms: number | null): boolean => ms !== null && ms > 0 && ms <= longestDurationMs;

const plainText = z.string().refine((text) => !text.includes('${{'), { error: 'holds an expression, and expressions are not evaluated here', params: { code: 'expression.place' } });
const json = z.unknown().refine((value) => value !== undefined);
const template = z.record(z.string(), z.unknown());
const inputType = z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object']);
const priority = z.int().min(1).max(5);

export const inputSchema = z
  .strictObject({
    type: inputType.describe('What values are accepted.'),
    required: z.boolean().optional().meta({ description: 'Whether a run must be given a value.', default: false }),
    default: json.optional().describe('The value where a run gives none. It keeps the rules below.'),
    enum: z.array(json).min(1).optional().describe('The only values that are accepted.'),
    pattern: z.string().max(1_000).optional().describe('A regular expression (RE2) that is found in a text; anchor it with ^ and $.'),
    minimum: z.number().optional().describe('The smallest number.'),
    maximum: z.number().optional().describe('The largest number.'),
    maxLength: z.int().min(0).optional().describe('The most characters of a text, or items of a list.'),
    items: z.strictObject({ type: inputType }).optional().describe('What the items of a list are.'),
    description: z.string().max(10_000).optional().describe('For people.'),
  })
  .describe('An input of the pipeline.');

const retrySchema = z
  .strictObject({
    maxAttempts: z.int().min(1).max(1_000).optional().meta({ description: 'How often a task is tried, the first time included.', default: 3 }),
    initialInterval: duration.optional().meta({ description: 'The wait before the second attempt.', default: '1s' }),
    backoff: z.number().min(1).max(100).optional().meta({ description: 'By how much each wait is longer than the one before.', default: 2 }),
    maxInterval: duration.optional().meta({ description: 'The longest wait.', default: '1m' }),
    nonRetryable: z.array(z.string().min(1).max(100)).max(100).optional().describe('Error codes that are not tried again.'),
  })
  .describe('When and how often a failed attempt is repeated.');

const triggerInputs = template.optional().describe('Inputs of the runs that it starts.');

const scheduleSchema = z
  .strictObject({
    name: name.describe('Unique among the triggers.'),
    cron: z.string().max(200).describe('Minute, hour, day of month, month and day of week.'),
    timezone: z.string().max(100).optional().meta({ description: 'An IANA time zone.', default: 'UTC' }),
    overlap: z
      .enum(['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'terminateOther', 'allowAll'])
      .optional()
      .meta({ description: 'What happens while the run before is still open.', default: 'skip' }),
    catchup: duration.optional().describe('How late a run may start after an outage.'),
    inputs: triggerInputs,
  })
  .describe('Starts runs by the clock.');

const webhookSchema = z
  .strictObject({
    name: name.describe('Unique among the triggers, and part of the address.'),
    secret: plainText.min(1).max(200).optional().describe('Name of the secret that requests are signed with.'),
    filter: z.string().optional().describe('An expression over `event`: only events for which it is true start a run.'),
    inputs: triggerInputs,
  })
  .describe('Starts a run for each request.');

const runTriggerSchema = z
  .strictObject({
    name: name.describe('Unique among the triggers.'),
    pipeline: name.describe('The pipeline whose runs it follows.'),
    statuses: z
      .array(z.enum(['succeeded', 'failed', 'cancelled', 'timed_out']))
      .min(1)
      .optional()
      .meta({ description: 'After which ends.', default: ['succeeded'] }),
    inputs: triggerInputs,
  })
  .describe('Starts a run after a run of another pipeline.');

const triggerSchema = z
  .strictObject({ schedule: scheduleSchema.optional(), webhook: webhookSchema.optional(), run: runTriggerSchema.optional() })
  .refine((trigger) => Object.keys(trigger).length === 1, { error: 'must be exactly one of schedule, webhook and run' })
  .meta({ description: 'Something that starts runs.', minProperties: 1, maxProperties: 1 });

const forEachSchema = z
  .strictObject({
    in: z.union([z.string(), z.array(json)]).describe(`The items: an expression that gives a list of at most ${limits.forEachItems} items and 64 KiB, or a list.`),
    as: identifier.refine((text) => !scopeNames.has(text), { error: 'is a name that expressions have already' }).describe('The name of the item in expressions; `index` is its number.'),
    maxParallel: z.int().min(1).optional().describe('How many instances run at the same time.'),
    continueOnError: z.boolean().optional().meta({ description: 'Run all instances and put null for those that failed.', default: false }),
  })
  .describe('One instance of the task for each item of a list.');

/** Names that are in every scope, or stand for something in CEL, and so cannot be given to an item. */
const scopeNames: ReadonlySet<string> = new Set([
  'inputs', 'tasks', 'run', 'secrets', 'event', 'index', 'cel', 'optional', 'google', 'bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint', 'dyn',
]);

export const taskSchema = z
  .strictObject({
    id: identifier.describe('Unique in the pipeline.'),
    uses: z.string().max(200).describe('The processor.'),
    with: template.optional().meta({ description: "The processor's input; strings may hold `${{ … }}`. At most 256 KiB.", default: {} }),
    needs: z.array(z.string()).optional().meta({ description: 'Tasks that must be final before this one is decided.', default: [] }),
    if: z.union([z.string(), z.boolean()]).optional().meta({ description: 'Run or skip: an expression, bare or in `${{ … }}`.', default: 'success()' }),
    forEach: forEachSchema.optional(),
    retry: retrySchema.optional(),
    timeout: duration.optional().describe('Of one attempt. Default: that of `defaults`.'),
    totalTimeout: duration.optional().describe('Of all attempts with the waiting between.'),
    continueOnError: z.boolean().optional().meta({ description: 'Its failure counts as success for the tasks that need it.', default: false }),
    queue: plainText.max(200).min(1).optional().describe('The Temporal task queue. Default: that of `defaults`.'),
    priority: priority.optional().describe('1 (first) to 5.'),
    fairnessKey: plainText.max(64).min(1).optional().describe('Tasks of different keys take turns, where the server has fairness on.'),
  })
  .describe('One step of the pipeline.');

const labels = z
  .record(z.string().regex(/^[a-z][a-z0-9._/-]{0,62}$/, { error: 'must begin with a small letter and hold at most 63 of a-z, 0-9, `.`, `_`, `/` and `-`' }), plainText.max(256))
  .refine((all) => Object.keys(all).length <= 32, { error: 'has more than 32 labels' });
const outputName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, { error: 'must hold at most 63 letters, digits, `_` and `-`' });

/** The fields beside `tasks`, which are checked one by one so that a fault in one leaves the others checked. */
export const headSchema = z.strictObject({
  name: name.describe('Unique among pipelines.'),
  description: z.string().max(10_000).optional().describe('For people.'),
  labels: labels.optional().describe('For people and filters; copied to runs.'),
  inputs: z.record(identifier, inputSchema).optional().meta({ description: 'What a run is given, by name.', default: {} }),
  triggers: z.array(triggerSchema).max(100).optional().meta({ description: 'What starts runs by itself.', default: [] }),
  concurrency: z
    .strictObject({
      key: z.string().max(4_096).optional().describe('Runs with the same key count together; sees `inputs` and `run`.'),
      limit: z.int().min(1).max(1_000).describe('How many runs of a key are open at the same time.'),
      whenFull: z.enum(['queue', 'reject']).optional().meta({ description: 'What happens to a run above the limit.', default: 'queue' }),
    })
    .optional()
    .describe('How many runs are open at the same time.'),
  priority: priority.optional().meta({ description: '1 (first) to 5.', default: 3 }),
  timeout: duration.optional().meta({ description: 'Of a run, without its time in the queue or paused.', default: '7d' }),
  failFast: z.boolean().optional().meta({ description: 'Cancel the rest at the first failure that counts.', default: false }),
  cleanupTimeout: duration.optional().meta({ description: 'For `always()` tasks after a cancel or time-out.', default: '10m' }),
  defaults: z
    .strictObject({
      timeout: duration.optional().meta({ description: 'Of one attempt.', default: '5m' }),
      retry: retrySchema.optional(),
      queue: plainText.max(200).min(1).optional().describe('The Temporal task queue.'),
    })
    .optional()
    .describe('For tasks that run a processor as an activity; never for steps that wait.'),
  tasks: z.array(z.unknown()).min(1).describe('The steps, in any order.'),
  outputs: z.record(outputName, z.unknown()).optional().meta({ description: 'Values of the run, from expressions; one that fails becomes null with a warning.', default: {} }),
});

export const definitionSchema = z
  .strictObject({ ...headSchema.shape, tasks: z.array(taskSchema).min(1).max(limits.tasks).describe('The steps, in any order.') })
  .meta({ title: 'DataMCP pipeline, version 1', description: 'A data pipeline: tasks that need each other, with inputs, triggers and outputs.' });

export type Head = z.output<typeof headSchema>;
export type Task = z.output<typeof taskSchema>;
export type Retry = z.output<typeof retrySchema>;
export type TriggerFields = z.output<typeof triggerSchema>;
