import { faultsOf, planOf } from '../../../test/definition/samples';

const schedule = (fields: object): string[] => faultsOf({ triggers: [{ schedule: { name: 'a', cron: '0 6 * * *', ...fields } }] });

describe('a pipeline', () => {
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
    ['an unknown field in a trigger', { triggers: [{ webhook: { name: 'a', filtr: 'x' } }] }, 'field.unknown /triggers/0/webhook/filtr: unknown field filtr (filter?)'],
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
    ['a trigger that follows its own runs', { triggers: [{ run: { name: 'a', pipeline: 'sample' } }] }, 'trigger.itself /triggers/0/run/pipeline: a pipeline that follows its own runs would never end'],
    ['an end that there is not', { triggers: [{ run: { name: 'a', pipeline: 'b', statuses: ['faild'] } }] }, 'field.value /triggers/0/run/statuses/0: statuses[0] must be one of succeeded, failed, cancelled, timed_out (failed?)'],
    ['an overlap that there is not', { triggers: [{ schedule: { name: 'a', cron: '0 6 * * *', overlap: 'buffer' } }] }, 'field.value /triggers/0/schedule/overlap'],
    ['a secret that is an expression: it is a name', { triggers: [{ webhook: { name: 'a', secret: '${{ secrets.KEY }}' } }] }, 'expression.place /triggers/0/webhook/secret'],
    ['tasks in the inputs of a trigger', { inputs: { n: { type: 'string' } }, triggers: [{ webhook: { name: 'a', inputs: { n: '${{ tasks.a.output }}' } } }] }, 'expression.name /triggers/0/webhook/inputs/n: tasks cannot be read here'],
    ['run in a webhook', { inputs: { n: { type: 'string' } }, triggers: [{ webhook: { name: 'a', inputs: { n: '${{ run.id }}' } } }] }, 'expression.name /triggers/0/webhook/inputs/n: run cannot be read here'],
    ['a pattern that is none, whose input a trigger gives', { inputs: { n: { type: 'string', pattern: '(' } }, triggers: [{ webhook: { name: 'a', inputs: { n: 'x' } } }] }, 'input.pattern /inputs/n/pattern: pattern is not a regular expression'],
    ['inputs of more than 64 KiB', { inputs: { n: { type: 'string' } }, triggers: [{ webhook: { name: 'a', inputs: { n: 'x'.repeat(65_536) } } }] }, 'input.too_large /triggers/0/webhook/inputs: the inputs have 65544 bytes together'],
  ])('refuses %s', (_name, fields, fault) => {
    expect(faultsOf(fields)).toEqual([expect.stringContaining(fault)]);
  });
});

describe('the cron of a schedule', () => {
  it.each(['0 6 * * *', '*/15 8-18 * * MON-FRI', '0 0 1,15 * *', '0 0 29 2 *', '0 0 * JUL 7', '0  6 * * *'])('may be %s', (cron) => {
    expect(schedule({ cron })).toEqual([]);
  });

  it.each(['', '@daily', '0 6 * *', '* * * * * *', '0 6 ? * MON', '0 0 L * *', '0 6 * * *\n', '0 6 * * MON#1'])('must be five fields: %j', (cron) => {
    expect(schedule({ cron })).toEqual([expect.stringContaining('trigger.cron /triggers/0/schedule/cron: must be five fields')]);
  });

  it.each(['61 * * * *', '0 24 * * *', '0 0 0 * *', '0 0 * 13 *', '*/0 * * * *', '0 22-6 * * *', '0 0 * * FOO'])('must be one that exists: %s', (cron) => {
    expect(schedule({ cron })).toEqual([expect.stringContaining('is not a schedule')]);
  });

  it.each(['0 0 31 2 *', '0 0 30 2 *', '0 0 31 4,6 *'])('must come some day: %s', (cron) => {
    expect(schedule({ cron })).toEqual([expect.stringContaining('never comes')]);
  });
});

describe('the time zone of a schedule', () => {
  it.each(['UTC', 'Europe/Kyiv', 'Europe/Kiev', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('may be %s', (timezone) => {
    expect(schedule({ timezone })).toEqual([]);
  });

  it.each([['', ''], ['Europe/Pariss', ' (Europe/Paris?)'], ['+02:00', ''], ['europe/berlin', ' (Europe/Berlin?)'], ['Utc+1', ''], ['Mars/Olympus', '']])('must be one that exists, written as it is: %j', (timezone, suggestion) => {
    expect(schedule({ timezone })).toEqual([`trigger.timezone /triggers/0/schedule/timezone: there is no time zone ${timezone}${suggestion}`]);
  });
});
