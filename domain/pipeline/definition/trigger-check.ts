import { Cron } from 'croner';
import { parseDuration } from '../../duration';
import type { Json, JsonObject } from '../../json';
import { isTimeZone } from '../../time-zone';
import { bareCondition } from '../expressions';
import { mayHoldExpression } from '../expressions/text';
import type { InputSpec, Trigger } from '../plan';
import type { ExpressionCheck, Visible } from './expression-check';
import { checkInputSize, checkValue } from './input-check';
import type { Nearest } from './nearest';
import { isJsonObject } from './json-value';
import type { FaultList, Path } from './place';
import type { TriggerFields } from './schema';

const event: Visible = { names: new Set(['event']) };
const run: Visible = { names: new Set(['run']) };

/** Checks the triggers and gives them as the plan keeps them. */
export class TriggerCheck {
  readonly #names = new Set<string>();

  constructor(
    private readonly pipeline: string | undefined,
    private readonly inputs: Readonly<Record<string, InputSpec>>,
    private readonly expressions: ExpressionCheck,
    private readonly faults: FaultList,
    private readonly nearest: Nearest,
  ) {}

  check({ schedule, webhook, run: after }: TriggerFields, path: Path): Trigger | null {
    if (schedule) return this.#schedule(schedule, [...path, 'schedule']);
    if (webhook) return this.#webhook(webhook, [...path, 'webhook']);
    return after ? this.#run(after, [...path, 'run']) : null;
  }

  #schedule(fields: NonNullable<TriggerFields['schedule']>, path: Path): Trigger {
    this.#name(fields.name, path);
    const timezone = fields.timezone ?? 'UTC';
    const zoneExists = isTimeZone(timezone);
    if (!zoneExists) this.faults.add({ path: [...path, 'timezone'] }, 'trigger.timezone', `there is no time zone ${timezone}`, this.nearest.to(timezone, timeZones()));
    const problem = cronProblem(fields.cron, zoneExists ? timezone : 'UTC');
    if (problem) this.faults.add({ path: [...path, 'cron'] }, 'trigger.cron', problem);
    const catchupMs = fields.catchup === undefined ? null : parseDuration(fields.catchup);
    return {
      kind: 'schedule', name: fields.name, cron: fields.cron, timezone, overlap: fields.overlap ?? 'skip',
      ...(catchupMs === null ? {} : { catchupMs }), ...this.#inputs(fields.inputs, path, run),
    };
  }

  #webhook(fields: NonNullable<TriggerFields['webhook']>, path: Path): Trigger {
    this.#name(fields.name, path);
    if (fields.filter !== undefined) this.expressions.single(fields.filter, [...path, 'filter'], event, 'value', 'bool');
    return {
      kind: 'webhook', name: fields.name, ...(fields.secret === undefined ? {} : { secret: fields.secret }),
      ...(fields.filter === undefined ? {} : { filter: bareCondition(fields.filter) }), ...this.#inputs(fields.inputs, path, event),
    };
  }

  #run(fields: NonNullable<TriggerFields['run']>, path: Path): Trigger {
    this.#name(fields.name, path);
    if (fields.pipeline === this.pipeline) this.faults.add({ path: [...path, 'pipeline'] }, 'trigger.itself', 'a pipeline that follows its own runs would never end');
    return { kind: 'run', name: fields.name, pipeline: fields.pipeline, statuses: fields.statuses ?? ['succeeded'], ...this.#inputs(fields.inputs, path, run) };
  }

  #name(name: string, path: Path): void {
    if (this.#names.has(name)) this.faults.add({ path: [...path, 'name'] }, 'trigger.duplicate', `there are two triggers ${name}`);
    this.#names.add(name);
  }

  /** Inputs that a trigger gives must exist and fit, and those that it does not give must not be required. */
  #inputs(given: Record<string, unknown> | undefined, path: Path, visible: Visible): { inputs?: JsonObject } {
    const at = [...path, 'inputs'];
    const inputs = isJsonObject(given) ? given : {};
    for (const [name, value] of Object.entries(inputs)) this.#input(name, value, [...at, name]);
    for (const [name, spec] of Object.entries(this.inputs)) {
      if (spec.required && spec.default === undefined && !Object.hasOwn(inputs, name)) this.faults.add({ path: at }, 'trigger.input', `the input ${name} is required`);
    }
    checkInputSize(inputs, at, 'the inputs', this.faults);
    this.expressions.template(inputs, at, visible);
    return given === undefined ? {} : { inputs };
  }

  #input(name: string, value: Json, path: Path): void {
    const spec = Object.hasOwn(this.inputs, name) ? this.inputs[name] : undefined;
    if (!spec) this.faults.add({ path, key: true }, 'trigger.input', `there is no input ${name}`, this.nearest.to(name, Object.keys(this.inputs)));
    else if (!mayHoldExpression(JSON.stringify(value))) checkValue(spec, value, path, `the input ${name}`, this.faults);
  }
}

const timeZones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

const cronForm = 'must be five fields of numbers, names, `*`, `,`, `-` and `/`: minute, hour, day of month, month and day of week';

/** Five fields, in the form that Temporal's schedules understand as well, and a time that comes. */
function cronProblem(cron: string, timezone: string): string | null {
  const known = /^[\dA-Za-z*,/ -]+$/.test(cron) && !/[LW]\b/.test(cron.replace(/JUL|WED/gi, ''));
  if (!known || cron.trim().split(/ +/).length !== 5) return cronForm;
  try {
    const next = new Cron(cron, { paused: true, mode: '5-part', timezone }).nextRun(new Date('2024-01-01T00:00:00Z'));
    return next ? null : 'never comes';
  } catch (error) {
    return `is not a schedule: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)}`;
  }
}
