import { limits } from '../../limits';
import { check, checkJson, definition, faultsOf, planOf, taskFaults } from '../../../test/definition/samples';

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

  it.each<[string, object, string]>([
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
    ['a wrong word', { concurrency: { limit: 1, whenFull: 'rejct' } }, 'field.value /concurrency/whenFull: whenFull must be one of queue, reject (reject?)'],
    ['concurrency without a limit', { concurrency: {} }, 'field.missing /concurrency/limit: the field limit is required'],
    ['a label of another form', { labels: { 'A B': 'x' } }, 'field.name /labels/A B: the name A B must begin'],
    ['too many labels', { labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, 'x'])) }, 'field.value /labels: labels has more than 32 labels'],
    ['an expression in a label', { labels: { a: '${{ inputs.x }}' } }, 'expression.place /labels/a'],
    ['tasks in a concurrency key', { concurrency: { key: '${{ tasks.a.output }}', limit: 1 } }, 'expression.name /concurrency/key: tasks cannot be read here'],
    ['an output of an unknown task', { outputs: { r: '${{ tasks.b.output }}' } }, 'expression.task /outputs/r: there is no task b'],
    ['an output of an unlike name', { outputs: { report: '${{ tasks.aa.output }}' } }, 'expression.task /outputs/report: there is no task aa (a?)'],
    ['an output with a secret', { outputs: { r: '${{ secrets.KEY }}' } }, 'expression.name /outputs/r: secrets cannot be read here'],
    ['a default time-out above that of the run', { timeout: '1m', defaults: { timeout: '2m' } }, "task.timeout /defaults/timeout: 2m is above the run's time-out of 1m"],
  ])('refuses %s', (_name, fields, fault) => {
    expect(faultsOf(fields)).toEqual([expect.stringContaining(fault)]);
  });

  it.each<[string, (size: number) => object, number]>([
    ['a name of 63 characters', (size) => ({ name: 'a'.repeat(size) }), 63],
    ['a description of 10,000 characters', (size) => ({ description: 'x'.repeat(size) }), 10_000],
    ['32 labels', (size) => ({ labels: Object.fromEntries(Array.from({ length: size }, (_, n) => [`l${n}`, 'x'])) }), 32],
    ['a label of 256 characters', (size) => ({ labels: { a: 'x'.repeat(size) } }), 256],
    ['an input whose name has 63 characters', (size) => ({ inputs: { ['a'.repeat(size)]: { type: 'string' } } }), 63],
    ['an output whose name has 63 characters', (size) => ({ outputs: { ['a'.repeat(size)]: 1 } }), 63],
    ['100 triggers', (size) => ({ triggers: Array.from({ length: size }, (_, n) => ({ webhook: { name: `t${n}` } })) }), 100],
    ['priority 5', (priority) => ({ priority }), 5],
    ['a limit of 1,000 runs', (limit) => ({ concurrency: { limit } }), 1_000],
    ['1,000 attempts', (maxAttempts) => ({ defaults: { retry: { maxAttempts } } }), 1_000],
    ['a backoff of 100', (backoff) => ({ defaults: { retry: { backoff } } }), 100],
    ['100 codes that are not tried again', (size) => ({ defaults: { retry: { nonRetryable: Array.from({ length: size }, (_, n) => `c${n}`) } } }), 100],
    ['a time-out of 3,650 days', (size) => ({ timeout: `${315_360_000_000 + size}ms` }), 0],
    ['a queue of 200 characters', (size) => ({ defaults: { queue: 'q'.repeat(size) } }), 200],
  ])('has at most %s', (_name, fields, most) => {
    expect(faultsOf(fields(most))).toEqual([]);
    expect(faultsOf(fields(most + 1))).toHaveLength(1);
  });

  it.each([['a number', 30], ['a truth value', true], ['nothing', null]])('that has %s for a duration is told how one is written', (_name, timeout) => {
    expect(faultsOf({ timeout })).toEqual([expect.stringContaining('field.type /timeout: timeout must be a text such as 30s, not ')]);
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
    ['a processor that no worker has any more', { uses: 'text.gone' }, 'processor.withdrawn /tasks/0/uses: no worker has the processor text.gone any more; the last one had it at 2026-01-02T03:04:05.000Z'],
    ['an unknown field', { need: ['before'] }, 'field.unknown /tasks/0/need: unknown field need (needs?)'],
    ['an unknown need', { needs: ['befor'] }, 'task.unknown_need /tasks/0/needs/0: there is no task befor (before?)'],
    ['a need of itself', { needs: ['x'] }, 'task.needs_itself /tasks/0/needs/0: the task x needs itself'],
    ['a time-out above that of the run', { timeout: '8d' }, "task.timeout /tasks/0/timeout: 8d is above the run's time-out of 7d"],
    ['a total time-out above that of the run', { totalTimeout: '8d' }, 'task.timeout /tasks/0/totalTimeout'],
    ['a total time-out below the time-out', { timeout: '2m', totalTimeout: '1m' }, 'task.timeout /tasks/0/totalTimeout: totalTimeout, of all attempts, is shorter'],
    ['a deadline above the time-out of the run', { uses: 'http.request', with: { url: 'https://a.test', deadline: '30d' } }, 'task.timeout /tasks/0/with/deadline'],
    ['a wait above the time-out of the run', { uses: 'core.wait', with: { duration: '30d' } }, 'task.timeout /tasks/0/with/duration'],
    ['a heartbeat time-out that is no duration', { uses: 'temporal.activity', with: { activity: 'a', taskQueue: 'q', heartbeatTimeout: 'soon' } }, 'field.duration /tasks/0/with/heartbeatTimeout: heartbeatTimeout must be a duration such as 500ms'],
    ['a wait that is no duration', { uses: 'core.wait', with: { duration: '5 minutes' } }, 'field.duration /tasks/0/with/duration: duration must be a duration such as 500ms'],
    ['a first wait above the longest', { retry: { initialInterval: '2m', maxInterval: '1m' } }, 'task.retry /tasks/0/retry/initialInterval'],
    ['no attempts', { retry: { maxAttempts: 0 } }, 'field.value /tasks/0/retry/maxAttempts: maxAttempts must be at least 1'],
    ['a backoff that shrinks', { retry: { backoff: 0.5 } }, 'field.value /tasks/0/retry/backoff'],
    ['an item named as a scope', { forEach: { in: [], as: 'inputs' } }, 'field.value /tasks/0/forEach/as: as is a name that expressions have already'],
    ['an item without a name', { forEach: { in: [] } }, 'field.missing /tasks/0/forEach/as'],
    ['forEach over a text around an expression', { forEach: { in: 'x ${{ [1] }}', as: 'item' } }, 'expression.place /tasks/0/forEach/in: must be one expression'],
    ['forEach over a number', { forEach: { in: 5, as: 'item' } }, 'field.type /tasks/0/forEach/in: in must be a text or a list, not a number'],
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

  it.each<[string, (size: number) => object, number]>([
    ['an id of 63 characters', (size) => ({ id: 'a'.repeat(size) }), 63],
    ['a name of 63 characters for the item', (size) => ({ forEach: { in: [], as: 'a'.repeat(size) } }), 63],
    ['10,000 items', (size) => ({ forEach: { in: Array.from({ length: size }, () => 0), as: 'item' } }), limits.forEachItems],
    ['64 KiB of items', (size) => ({ forEach: { in: ['é'.repeat(100) + 'x'.repeat(size - 204)], as: 'item' } }), limits.forEachItemsBytes],
    ['256 KiB of with', (size) => ({ uses: 'core.log', with: { message: 'é'.repeat(100) + 'x'.repeat(size - 214) } }), limits.withBytes],
    ['priority 5', (priority) => ({ priority }), 5],
    ['a fairness key of 64 characters', (size) => ({ fairnessKey: 'x'.repeat(size) }), 64],
    ['a queue of 200 characters', (size) => ({ queue: 'x'.repeat(size) }), 200],
    ['the time-out of the run', (size) => ({ timeout: `${604_800_000 + size}ms` }), 0],
    ['that of the run for all attempts', (size) => ({ totalTimeout: `${604_800_000 + size}ms` }), 0],
    ['a first wait as long as the run', (size) => ({ retry: { initialInterval: `${604_800_000 + size}ms` } }), 0],
    ['a first wait as long as the longest', (size) => ({ retry: { initialInterval: `${60_000 + size}ms`, maxInterval: '1m' } }), 0],
  ])('has at most %s', (_name, fields, most) => {
    expect(taskFaults(fields(most))).toEqual([]);
    expect(taskFaults(fields(most + 1))).toHaveLength(1);
  });

  it('with one need that is no list is told of the list', () => {
    expect(taskFaults({ needs: 'before' })).toEqual(['field.type /tasks/0/needs: needs must be a list, not a text ([before]?)']);
  });

  it('with an `if` that is a number is told what it may be', () => {
    expect(taskFaults({ if: 1 })).toEqual(['field.type /tasks/0/if: if must be a text or true or false, not a number']);
  });

  it('with a word that is nearly one of those of its processor is told of that one', () => {
    expect(taskFaults({ uses: 'core.log', with: { message: 'x', level: 'wan' } })).toEqual(['with.value /tasks/0/with/level: level must be one of info, warn (warn?)']);
  });

  it.each(['as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace', 'null', 'package', 'return', 'true', 'var', 'void', 'while'])('is not called %s, a word of CEL, nor is an input or an item', (word) => {
    const taken = expect.stringContaining('is a word of the expression language');
    expect([taskFaults({ id: word }), taskFaults({ forEach: { in: [], as: word } }), faultsOf({ inputs: { [word]: { type: 'string' } } })]).toEqual([[taken], [taken], [taken]]);
  });

  it('with several faults shows all of them', () => {
    const faults = taskFaults({ id: 'X', uses: 'core.nop', tymeout: '1m', timeout: 'soon', needs: ['nobody'], if: 'inputs.x', with: { a: '${{ 1 + }}' } });
    expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(['expression.input', 'expression.syntax', 'field.duration', 'field.unknown', 'field.value', 'processor.unknown', 'task.unknown_need']);
  });

  it('that is not a map is named', () => {
    expect(checkJson({ name: 'a', tasks: ['x'] }).errors).toEqual([expect.objectContaining({ path: '/tasks/0', code: 'field.type' })]);
  });
});
