import { limits } from '../../limits';
import type { Plan } from '../plan';
import { check, checkJson, definition, faultsOf, taskFaults } from '../../../test/definition/samples';

function planOf(fields: object, tasks?: readonly object[]): Plan {
  const { plan, errors } = checkJson(definition(fields, tasks));
  expect(errors).toEqual([]);
  if (!plan) throw new Error('no plan');
  return plan;
}
const taskPlan = (fields: object) => planOf({}, [{ id: 'x', uses: 'core.noop', ...fields }]).tasks[0];

describe('a pipeline', () => {
  it('that says only what it must has the defaults of the language', () => {
    expect(planOf({})).toEqual({
      language: 1, name: 'sample', timeoutMs: 604_800_000, cleanupTimeoutMs: 600_000,
      defaults: { timeoutMs: 300_000, retry: { maxAttempts: 3, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: 60_000 } },
      tasks: [{ id: 'a', uses: 'core.noop', mode: 'quick' }],
    });
  });

  it.each<[string, object, object]>([
    ['description', { description: 'Delays' }, { description: 'Delays' }],
    ['labels', { labels: { team: 'data', 'a.b/c-d': '1' } }, { labels: { team: 'data', 'a.b/c-d': '1' } }],
    ['priority', { priority: 1 }, { priority: 1 }],
    ['timeout', { timeout: '2h' }, { timeoutMs: 7_200_000 }],
    ['failFast', { failFast: true }, { failFast: true }],
    ['cleanupTimeout', { cleanupTimeout: 'PT1M' }, { cleanupTimeoutMs: 60_000 }],
    ['defaults', { defaults: { timeout: '1m', queue: 'big', retry: { maxAttempts: 1, nonRetryable: ['timed_out'] } } }, { defaults: { timeoutMs: 60_000, queue: 'big', retry: { maxAttempts: 1, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: 60_000, nonRetryable: ['timed_out'] } } }],
    ['concurrency', { concurrency: { key: '${{ run.id }}', limit: 2, whenFull: 'reject' } }, { concurrency: { key: '${{ run.id }}', limit: 2, whenFull: 'reject' } }],
    ['concurrency without a key', { concurrency: { limit: 1 } }, { concurrency: { key: '', limit: 1, whenFull: 'queue' } }],
    ['outputs', { outputs: { rows: '${{ tasks.a.output }}' } }, { outputs: { rows: '${{ tasks.a.output }}' } }],
    ['inputs', { inputs: { month: { type: 'string', required: true, default: 'x', enum: ['x', 'y'] } } }, { inputs: { month: { type: 'string', required: true, default: 'x', enum: ['x', 'y'] } } }],
  ])('has %s', (_name, fields, expected) => {
    expect(planOf(fields)).toMatchObject(expected);
  });

  it.each(['labels', 'inputs', 'outputs'])('leaves an empty %s out of its plan', (field) => {
    expect(planOf({ [field]: {} })).toEqual(planOf({ triggers: [], priority: 3, failFast: false, timeout: '7d' }));
  });

  it('has triggers', () => {
    const inputs = { month: { type: 'string' } };
    const triggers = [
      { schedule: { name: 'daily', cron: '0 6 * * MON-FRI', timezone: 'Europe/Kyiv', overlap: 'bufferOne', catchup: '1h', inputs: { month: '${{ run.scheduledAt }}' } } },
      { schedule: { name: 'often', cron: '*/5 * * * *' } },
      { webhook: { name: 'hook', secret: 'KEY', filter: '${{ event.body.ok == true }}', inputs: { month: '${{ event.body.month }}' } } },
      { run: { name: 'after', pipeline: 'other', inputs: { month: 'x' } } },
    ];
    expect(planOf({ inputs, triggers }).triggers).toEqual([
      { kind: 'schedule', name: 'daily', cron: '0 6 * * MON-FRI', timezone: 'Europe/Kyiv', overlap: 'bufferOne', catchupMs: 3_600_000, inputs: { month: '${{ run.scheduledAt }}' } },
      { kind: 'schedule', name: 'often', cron: '*/5 * * * *', timezone: 'UTC', overlap: 'skip' },
      { kind: 'webhook', name: 'hook', secret: 'KEY', filter: 'event.body.ok == true', inputs: { month: '${{ event.body.month }}' } },
      { kind: 'run', name: 'after', pipeline: 'other', statuses: ['succeeded'], inputs: { month: 'x' } },
    ]);
  });

  it.each<[string, object, string]>([
    ['an unknown field of an input', { inputs: { a: { type: 'string', patern: 'x' } } }, 'field.unknown /inputs/a/patern: unknown field patern (pattern?)'],
    ['an unknown field of a trigger', { triggers: [{ schedule: { name: 'a', crn: '0 6 * * *', cron: '0 6 * * *' } }] }, 'field.unknown /triggers/0/schedule/crn: unknown field crn (cron?)'],
    ['an empty text', { defaults: { queue: '' } }, 'field.value /defaults/queue: queue must be at least 1 characters'],
    ['a word of another type', { concurrency: { limit: 1, whenFull: 5 } }, 'field.value /concurrency/whenFull: whenFull must be one of queue, reject'],
    ['a field of another type', { inputs: 5 }, 'field.type /inputs: inputs must be a map of fields, not a number'],
    ['a name of another form', { name: 'Sample' }, 'field.value /name: name must begin with a small letter'],
    ['a name that is too long', { name: 'a'.repeat(64) }, 'field.value /name'],
    ['a priority of 6', { priority: 6 }, 'field.value /priority: priority must be at most 5'],
    ['a priority of 0', { priority: 0 }, 'field.value /priority: priority must be at least 1'],
    ['a text for failFast', { failFast: 'yes' }, 'field.type /failFast: failFast must be true or false, not a text'],
    ['a bad duration', { timeout: '5 minutes' }, 'field.duration /timeout: timeout must be a duration'],
    ['a duration of nothing', { timeout: '0s' }, 'field.duration /timeout'],
    ['a duration of ages', { timeout: '4000d' }, 'field.duration /timeout'],
    ['an unknown field', { timeot: '1h' }, 'field.unknown /timeot: unknown field timeot (timeout?)'],
    ['an unknown field in a field', { defaults: { retry: { maxAttempt: 1 } } }, 'field.unknown /defaults/retry/maxAttempt: unknown field maxAttempt (maxAttempts?)'],
    ['an unknown field in an input', { inputs: { a: { type: 'string', patern: 'x' } } }, 'field.unknown /inputs/a/patern: unknown field patern (pattern?)'],
    ['an unknown field in a trigger', { triggers: [{ webhook: { name: 'a', filtr: 'x' } }] }, 'field.unknown /triggers/0/webhook/filtr: unknown field filtr (filter?)'],
    ['a wrong word', { concurrency: { limit: 1, whenFull: 'rejct' } }, 'field.value /concurrency/whenFull: whenFull must be one of queue, reject (reject?)'],
    ['concurrency without a limit', { concurrency: {} }, 'field.missing /concurrency/limit: the field limit is required'],
    ['a label of another form', { labels: { 'A B': 'x' } }, 'field.name /labels/A B: the name A B must begin'],
    ['too many labels', { labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, 'x'])) }, 'field.value /labels: labels has more than 32 labels'],
    ['an expression in a label', { labels: { a: '${{ inputs.x }}' } }, 'expression.place /labels/a'],
    ['an input with a word of CEL for a name', { inputs: { in: { type: 'string' } } }, 'field.name /inputs/in: the name in is a word of the expression language'],
    ['an input of no type', { inputs: { a: {} } }, 'field.missing /inputs/a/type'],
    ['an unknown type', { inputs: { a: { type: 'int' } } }, 'field.value /inputs/a/type: type must be one of'],
    ['a default that breaks its own rules', { inputs: { a: { type: 'string', default: 'b', pattern: '^a$' } } }, 'input.value /inputs/a/default: the default does not match ^a$'],
    ['a default of another type', { inputs: { a: { type: 'integer', default: 'b' } } }, 'input.value /inputs/a/default: the default must be an integer'],
    ['a default outside its enum', { inputs: { a: { type: 'integer', default: 3, enum: [1, 2] } } }, 'input.value /inputs/a/default: the default must be one of 1, 2'],
    ['an enum of another type', { inputs: { a: { type: 'integer', enum: ['x'] } } }, 'input.value /inputs/a/enum/0: the value must be an integer'],
    ['a pattern that is none', { inputs: { a: { type: 'string', pattern: '(' } } }, 'input.pattern /inputs/a/pattern'],
    ['a pattern that backtracks', { inputs: { a: { type: 'string', pattern: '(?=x)' } } }, 'input.pattern /inputs/a/pattern'],
    ['a rule of another type', { inputs: { a: { type: 'boolean', maxLength: 3 } } }, 'input.rule /inputs/a/maxLength: maxLength is no rule for boolean inputs'],
    ['a minimum above the maximum', { inputs: { a: { type: 'number', minimum: 3, maximum: 2 } } }, 'input.rule /inputs/a/minimum: minimum is above maximum'],
    ['a cron that is none', { triggers: [{ schedule: { name: 'a', cron: '61 * * * *' } }] }, 'trigger.cron /triggers/0/schedule/cron: is not a schedule'],
    ['a cron of six fields', { triggers: [{ schedule: { name: 'a', cron: '* * * * * *' } }] }, 'trigger.cron'],
    ['a cron with letters of one library', { triggers: [{ schedule: { name: 'a', cron: '0 0 L * *' } }] }, 'trigger.cron /triggers/0/schedule/cron: must be five fields'],
    ['a time that never comes', { triggers: [{ schedule: { name: 'a', cron: '0 0 31 2 *' } }] }, 'trigger.cron /triggers/0/schedule/cron: never comes'],
    ['a time zone that does not exist', { triggers: [{ schedule: { name: 'a', cron: '0 0 * * *', timezone: 'Europe/Kyivv' } }] }, 'trigger.timezone /triggers/0/schedule/timezone: there is no time zone Europe/Kyivv'],
    ['an offset for a time zone', { triggers: [{ schedule: { name: 'a', cron: '0 0 * * *', timezone: '+02:00' } }] }, 'trigger.timezone'],
    ['two triggers of one name', { triggers: [{ webhook: { name: 'a' } }, { run: { name: 'a', pipeline: 'b' } }] }, 'trigger.duplicate /triggers/1/run/name'],
    ['a trigger of two kinds', { triggers: [{ webhook: { name: 'a' }, run: { name: 'b', pipeline: 'c' } }] }, 'field.value /triggers/0: triggers[0] must be exactly one of'],
    ['a trigger of no kind', { triggers: [{}] }, 'field.value /triggers/0'],
    ['a trigger that gives an unknown input', { inputs: { month: { type: 'string' } }, triggers: [{ webhook: { name: 'a', inputs: { mnth: 'x' } } }] }, 'trigger.input /triggers/0/webhook/inputs/mnth: there is no input mnth (month?)'],
    ['a trigger that gives a wrong input', { inputs: { n: { type: 'integer' } }, triggers: [{ webhook: { name: 'a', inputs: { n: 'x' } } }] }, 'input.value /triggers/0/webhook/inputs/n: the input n must be an integer'],
    ['a trigger that leaves a required input out', { inputs: { n: { type: 'integer', required: true } }, triggers: [{ webhook: { name: 'a' } }] }, 'trigger.input /triggers/0/webhook/inputs: the input n is required'],
    ['event outside of a webhook', { inputs: { n: { type: 'string' } }, triggers: [{ schedule: { name: 'a', cron: '0 0 * * *', inputs: { n: '${{ event.x }}' } } }] }, 'expression.name /triggers/0/schedule/inputs/n: event cannot be read here'],
    ['a filter that gives a text', { triggers: [{ webhook: { name: 'a', filter: '"x"' } }] }, 'expression.type /triggers/0/webhook/filter: must give true or false, this gives string'],
    ['tasks in a concurrency key', { concurrency: { key: '${{ tasks.a.output }}', limit: 1 } }, 'expression.name /concurrency/key: tasks cannot be read here'],
    ['an output of an unknown task', { outputs: { r: '${{ tasks.b.output }}' } }, 'expression.task /outputs/r: there is no task b'],
    ['an output of an unlike name', { outputs: { report: '${{ tasks.aa.output }}' } }, 'expression.task /outputs/report: there is no task aa (a?)'],
    ['an output with a secret', { outputs: { r: '${{ secrets.KEY }}' } }, 'expression.name /outputs/r: secrets cannot be read here'],
    ['a default time-out above that of the run', { timeout: '1m', defaults: { timeout: '2m' } }, "task.timeout /defaults/timeout: 2m is above the run's time-out of 1m"],
  ])('refuses %s', (_name, fields, fault) => {
    expect(faultsOf(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([['nothing', '', 'must be a map of fields, this is empty'], ['a text', 'hello', 'this is a text'], ['a list', '- a', 'this is a list']])('is not %s', (_name, text, message) => {
    expect(check(text).errors).toEqual([expect.objectContaining({ code: 'field.type', message: expect.stringContaining(message) })]);
  });

  it('has a name and at least one task', () => {
    expect(check('description: x').errors.map(({ message }) => message)).toEqual(['the field name is required', 'the field tasks is required']);
    expect(faultsOf({}, [])).toEqual(['field.value /tasks: tasks must be at least 1 items']);
  });
});

describe('a task', () => {
  it.each<[string, object, object]>([
    ['with', { uses: 'core.log', with: { message: '${{ run.id }}' } }, { with: { message: '${{ run.id }}' }, mode: 'quick' }],
    ['if, bare', { if: 'run.id == "x"' }, { if: 'run.id == "x"' }],
    ['if, in ${{ }}', { if: '${{ always() }}' }, { if: 'always()' }],
    ['if, as a constant', { if: false }, { if: 'false' }],
    ['forEach', { forEach: { in: '${{ [1, 2] }}', as: 'item', maxParallel: 2, continueOnError: true } }, { forEach: { in: '${{ [1, 2] }}', as: 'item', maxParallel: 2, continueOnError: true } }],
    ['forEach over a bare expression', { forEach: { in: '[1, 2]', as: 'item' } }, { forEach: { in: '${{ [1, 2] }}', as: 'item' } }],
    ['forEach over a list', { forEach: { in: [1, '${{ run.id }}'], as: 'item' } }, { forEach: { in: [1, '${{ run.id }}'], as: 'item' } }],
    ['retry', { retry: { maxAttempts: 5 } }, { retry: { maxAttempts: 5, initialIntervalMs: 1_000, backoff: 2, maxIntervalMs: 60_000 } }],
    ['a retry with a long first wait', { retry: { initialInterval: '5m' } }, { retry: { maxAttempts: 3, initialIntervalMs: 300_000, backoff: 2, maxIntervalMs: 300_000 } }],
    ['timeout and totalTimeout', { timeout: '1m', totalTimeout: '1h' }, { timeoutMs: 60_000, totalTimeoutMs: 3_600_000 }],
    ['continueOnError', { continueOnError: true }, { continueOnError: true }],
    ['queue, priority and fairnessKey', { queue: 'gpu', priority: 2, fairnessKey: 'team-a' }, { queue: 'gpu', priority: 2, fairnessKey: 'team-a' }],
    ['the mode of a step of the workflow', { uses: 'core.set', with: { a: 1 } }, { mode: 'workflow' }],
    ['the mode of an activity', { uses: 'core.sleep', with: { milliseconds: 0 } }, { mode: 'activity' }],
  ])('has %s', (_name, fields, expected) => {
    expect(taskPlan(fields)).toMatchObject(expected);
  });

  it.each([{ if: 'success()' }, { retry: { maxAttempts: 3 } }, { timeout: '5m' }, { continueOnError: false }, { with: {} }, { needs: [] }])('leaves the default out of the plan: %j', (fields) => {
    expect(taskPlan(fields)).toEqual({ id: 'x', uses: 'core.noop', mode: 'quick' });
  });

  it('has its needs and what it reads as indices', () => {
    const tasks = [
      { id: 'c', uses: 'core.log', needs: ['b', 'a'], if: 'tasks.a.status == "failed"', forEach: { in: '${{ tasks.z.output }}', as: 'item' }, with: { message: '${{ tasks["b"].output }} ${{ item }} ${{ index }}' } },
      { id: 'a', uses: 'core.noop', needs: ['z'] },
      { id: 'b', uses: 'core.noop', needs: ['z', 'z'] },
      { id: 'z', uses: 'core.noop' },
    ];
    expect(planOf({}, tasks).tasks[0]).toMatchObject({ needs: [1, 2], reads: [1, 2, 3] });
    expect(checkJson(definition({}, tasks)).warnings).toEqual([expect.objectContaining({ code: 'task.repeated_need', path: '/tasks/2/needs/1' })]);
  });

  it.each<[string, object, string]>([
    ['an id of another form', { id: 'X-1' }, 'field.value /tasks/0/id: id must begin'],
    ['a word of CEL for an id', { id: 'for' }, 'field.value /tasks/0/id: id is a word of the expression language'],
    ['no processor', { uses: undefined }, 'field.missing /tasks/0/uses: the field uses is required'],
    ['an unknown processor', { uses: 'core.nop' }, 'processor.unknown /tasks/0/uses: there is no processor core.nop (core.noop?)'],
    ['an unknown field', { need: ['before'] }, 'field.unknown /tasks/0/need: unknown field need (needs?)'],
    ['an unknown need', { needs: ['befor'] }, 'task.unknown_need /tasks/0/needs/0: there is no task befor (before?)'],
    ['a need of itself', { needs: ['x'] }, 'task.needs_itself /tasks/0/needs/0: the task x needs itself'],
    ['a time-out above that of the run', { timeout: '8d' }, "task.timeout /tasks/0/timeout: 8d is above the run's time-out of 7d"],
    ['a total time-out above that of the run', { totalTimeout: '8d' }, 'task.timeout /tasks/0/totalTimeout'],
    ['a total time-out below the time-out', { timeout: '2m', totalTimeout: '1m' }, 'task.timeout /tasks/0/totalTimeout: totalTimeout, of all attempts, is shorter'],
    ['a deadline above the time-out of the run', { uses: 'http.request', with: { url: 'https://a.test', deadline: '30d' } }, 'task.timeout /tasks/0/with/deadline'],
    ['a wait above the time-out of the run', { uses: 'core.wait', with: { duration: '30d' } }, 'task.timeout /tasks/0/with/duration'],
    ['a wait that is no duration', { uses: 'core.wait', with: { duration: '5 minutes' } }, 'field.duration /tasks/0/with/duration: duration must be a duration such as 500ms'],
    ['a first wait above the longest', { retry: { initialInterval: '2m', maxInterval: '1m' } }, 'task.retry /tasks/0/retry/initialInterval'],
    ['no attempts', { retry: { maxAttempts: 0 } }, 'field.value /tasks/0/retry/maxAttempts: maxAttempts must be at least 1'],
    ['a backoff that shrinks', { retry: { backoff: 0.5 } }, 'field.value /tasks/0/retry/backoff'],
    ['an item named as a scope', { forEach: { in: [], as: 'inputs' } }, 'field.value /tasks/0/forEach/as: as is a name that expressions have already'],
    ['an item without a name', { forEach: { in: [] } }, 'field.missing /tasks/0/forEach/as'],
    ['forEach over a text around an expression', { forEach: { in: 'x ${{ [1] }}', as: 'item' } }, 'expression.place /tasks/0/forEach/in: must be one expression'],
    ['forEach over a number', { forEach: { in: 5, as: 'item' } }, 'field.type /tasks/0/forEach/in: in has the wrong type: a number'],
    ['forEach over a static text', { forEach: { in: '"abc"', as: 'item' } }, 'expression.type /tasks/0/forEach/in: must give a list, this gives string'],
    ['forEach over more than 10,000 items', { forEach: { in: Array.from({ length: limits.forEachItems + 1 }, () => 0), as: 'item' } }, 'for_each.too_many /tasks/0/forEach/in'],
    ['forEach over more than 64 KiB', { forEach: { in: ['x'.repeat(limits.forEachItemsBytes)], as: 'item' } }, 'for_each.too_large /tasks/0/forEach/in'],
    ['an expression in the queue', { queue: '${{ run.id }}' }, 'expression.place /tasks/0/queue: queue holds an expression'],
    ['an unknown field of with', { uses: 'core.log', with: { mesage: 'x', message: 'y' } }, 'with.unknown /tasks/0/with/mesage: unknown field mesage (message?)'],
    ['a missing field of with', { uses: 'core.log' }, 'with.missing /tasks/0/with/message: the field message is required'],
    ['a wrong type in with', { uses: 'core.log', with: { message: 5 } }, 'with.type /tasks/0/with/message: message must be a text, not a number'],
    ['a wrong word in with', { uses: 'core.log', with: { message: 'x', level: 'debug' } }, 'with.value /tasks/0/with/level: level must be one of info, warn'],
    ['a number below the minimum in with', { uses: 'core.sleep', with: { milliseconds: -1 } }, 'with.value /tasks/0/with/milliseconds: milliseconds must be >= 0'],
    ['a misspelt alternative in with', { uses: 'data.validate', with: { rules: [{ column: 'a', notNul: true }] } }, 'with.missing /tasks/0/with/rules/0/notNull'],
    ['no alternative at all in with', { uses: 'data.validate', with: { rules: [5] } }, 'with.value /tasks/0/with/rules/0: rules[0] must be a map of fields or a text, not a number'],
    ['an expression in a program text', { uses: 'duckdb.query', with: { sql: 'select ${{ run.id }}' } }, 'with.literal /tasks/0/with/sql: sql is a program text'],
    ['a with above 256 KiB', { uses: 'core.log', with: { message: 'x'.repeat(limits.withBytes) } }, 'with.too_large /tasks/0/with'],
  ])('refuses %s', (_name, fields, fault) => {
    const faults = taskFaults(fields);
    expect(faults).toContainEqual(expect.stringContaining(fault));
    expect(faults.length).toBeLessThanOrEqual(2);
  });

  it.each([
    { milliseconds: '${{ run.id }}' }, { milliseconds: 'about ${{ run.id }}' },
  ])('leaves a value that holds an expression to the check of the resolved input: %j', (input) => {
    expect(taskFaults({ uses: 'core.sleep', with: input })).toEqual([]);
  });

  it('leaves alternatives that hold an expression to the check of the resolved input', () => {
    expect(taskFaults({ uses: 'data.validate', with: { rules: [{ column: 'a', range: '${{ [1, 2] }}' }, '${{ run.id }}'] } })).toEqual([]);
  });

  it('may use with up to 256 KiB', () => {
    expect(taskFaults({ uses: 'core.log', with: { message: 'x'.repeat(limits.withBytes - 14) } })).toEqual([]);
  });

  it('with several faults shows all of them', () => {
    const faults = taskFaults({ id: 'X', uses: 'core.nop', tymeout: '1m', timeout: 'soon', needs: ['nobody'], if: 'inputs.x', with: { a: '${{ 1 + }}' } });
    expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(['expression.input', 'expression.syntax', 'field.duration', 'field.unknown', 'field.value', 'processor.unknown', 'task.unknown_need']);
  });

  it('that is not a map is named', () => {
    expect(checkJson({ name: 'a', tasks: ['x'] }).errors).toEqual([expect.objectContaining({ path: '/tasks/0', code: 'field.type' })]);
  });
});
