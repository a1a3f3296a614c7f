import { check, faultsOf } from '../../../test/definition/samples';

const inputs = { month: { type: 'string', default: 'x' }, n: { type: 'integer', default: 1 }, flag: { type: 'boolean', default: true }, list: { type: 'array', default: [] }, map: { type: 'object', default: {} }, maybe: { type: 'string' } };
const tasks = (fields: object) => [
  { id: 'root', uses: 'core.noop' },
  { id: 'middle', uses: 'core.noop', needs: ['root'] },
  { id: 'other', uses: 'core.noop' },
  { id: 'x', uses: 'http.request', needs: ['middle'], with: { url: 'https://a.test' }, ...fields },
];
const faultsIn = (source: string): string[] => faultsOf({ inputs }, tasks({ with: { url: 'https://a.test', body: `\${{ ${source} }}` } }));
const faultsOfIf = (source: string): string[] => faultsOf({ inputs }, tasks({ if: source }));

describe('an expression', () => {
  it.each(['inputs.month', 'inputs.n + 1', 'inputs.n + 0.5', 'inputs.flag ? inputs.n : 0', '(inputs.flag ? inputs.n : 0) == 1 && (inputs.flag ? inputs.n : 0.5) == 1.0', 'inputs.n in [1, 2]', 'inputs.month in ["a"]', 'inputs.list.map(x, x.y)', 'inputs.map.a.b', 'tasks.root.output.rows', 'tasks.middle.status == "failed"', 'tasks.middle.error', 'tasks.root', 'run.startedAt', 'secrets.KEY', 'inputs.?maybe.orValue("x")', 'inputs', 'inputs[inputs.month]', 'cel.bind(y, inputs.n, y * 2)', 'inputs.month.substring(inputs.n)'])(
    'may read %s',
    (source) => {
      expect(faultsIn(source)).toEqual([]);
    },
  );

  it.each<[string, string]>([
    ['tasks.other.output', 'expression.task /tasks/3/with/body: the task other may not be final by then: add it to needs'],
    ['tasks.x.output', 'expression.task /tasks/3/with/body: a task cannot read itself'],
    ['tasks.rot.output', 'expression.task /tasks/3/with/body: there is no task rot (root?)'],
    ['tasks.root.outputs', 'expression.name /tasks/3/with/body: a task has no outputs, only output, status, error (output?)'],
    ['size(tasks)', 'expression.name /tasks/3/with/body: a task is named as tasks.<id>'],
    ['tasks[inputs.month].output', 'expression.name /tasks/3/with/body: the task must be written out'],
    ['inputs.mnth', 'expression.input /tasks/3/with/body: there is no input mnth (month?)'],
    ['input.month', 'expression.name /tasks/3/with/body: unknown name input (inputs?)'],
    ['run.start', 'expression.name /tasks/3/with/body: a run has no start'],
    ['event.body', 'expression.name /tasks/3/with/body: event cannot be read here'],
    ['index', 'expression.name /tasks/3/with/body: index cannot be read here'],
    ['secrets', 'expression.name /tasks/3/with/body: a secret is named as secrets.<NAME>'],
    ['secrets[inputs.month]', 'expression.name /tasks/3/with/body: a secret is named'],
    ['inputs.month + 1', 'expression.type /tasks/3/with/body: no such overload: string + int'],
    ['inputs.n + "x"', 'expression.type /tasks/3/with/body: no such overload'],
    ['inputs.flag + 1', 'expression.type'],
    ['1 + "x"', 'expression.type'],
    ['inputs.?maybe', 'expression.type /tasks/3/with/body: the value may be missing: add .orValue'],
    ['1 +', 'expression.syntax /tasks/3/with/body'],
    ['success()', 'expression.function /tasks/3/with/body: success() is only for `if`'],
    ['inputs.month.matches("a")', 'expression.function /tasks/3/with/body: matches() is refused'],
    ['x'.repeat(5_000), 'expression.too_large'],
  ])('may not be %s', (source, fault) => {
    expect(faultsIn(source)).toEqual([expect.stringContaining(fault)]);
  });

  it.each<[string, string, string]>([
    ['there is no function sucess()', 'if', 'sucess()'], ['there is no function', 'if', 'alway()'], ['there is no function siz()', 'with', 'siz(inputs.list)'], ['there is no method startWith()', 'with', 'inputs.month.startWith("a")'],
  ])('that calls what does not exist is told of the nearest: %s', (message, place, source) => {
    const [fault, ...more] = place === 'if' ? faultsOfIf(source) : faultsIn(source);
    expect([fault, more]).toEqual([expect.stringMatching(/\((success|always|size|startsWith)\?\)$/), []]);
    expect(fault).toContain(message);
  });

  it.each(['', '  ', '\n'])('is not empty: %j', (source) => {
    expect(faultsIn(source)).toEqual([expect.stringContaining('expression.syntax /tasks/3/with/body: there is no expression')]);
    expect(faultsOfIf(source)).toEqual([expect.stringContaining('expression.syntax /tasks/3/if: there is no expression')]);
  });

  it('of a concurrency key sees of the run what is known at the door', () => {
    const key = (source: string): string[] => faultsOf({ inputs, concurrency: { key: `\${{ ${source} }}`, limit: 1 } });
    for (const known of ['run.id', 'run.scheduledAt', 'run.trigger.type', 'run.requestedBy', 'inputs.month']) expect(key(known)).toEqual([]);
    for (const later of ['startedAt', 'pipeline', 'version']) expect(key(`run.${later}`)).toEqual([`expression.name /concurrency/key: run.${later} is not known here, only id, scheduledAt, trigger, requestedBy`]);
  });

  it('has at most 4 KiB of source, counted in bytes', () => {
    expect(faultsIn(`"${'é€😀'.repeat(454)}"`)).toEqual([]);
    expect(faultsIn(`"${'é€😀'.repeat(455)}"`)).toEqual([expect.stringContaining('at most 4096 bytes of source, this one has 4099')]);
  });

  it.each<[string, string]>([
    ['inputs.n', 'expression.type /tasks/3/if: must give true or false, this gives int'],
    ['secrets.KEY == "x"', 'expression.name /tasks/3/if: secrets cannot be read here'],
    ['x ${{ true }}', 'expression.place /tasks/3/if: must be one expression'],
    ['${{ true', 'expression.place /tasks/3/if'],
  ])('of an `if` may not be %s', (source, fault) => {
    expect(faultsOfIf(source)).toEqual([expect.stringContaining(fault)]);
  });

  it('of an `if` has the status functions, and does not see the item', () => {
    expect(faultsOfIf('!failure() && !cancelled() && success() || always()')).toEqual([]);
    expect(faultsOf({}, [{ id: 'a', uses: 'core.noop', if: 'item == 1', forEach: { in: '[1]', as: 'item' } }])).toEqual([expect.stringContaining('unknown name item')]);
  });

  it('sees the item and its index in `with` of a forEach', () => {
    expect(faultsOf({}, [{ id: 'a', uses: 'core.log', forEach: { in: '[1]', as: 'item' }, with: { message: '${{ item }} ${{ index }}' } }])).toEqual([]);
  });

  it('reads secrets only in `with` of activity processors', () => {
    expect(faultsOf({}, [{ id: 'a', uses: 'core.set', with: { v: '${{ secrets.KEY }}' } }])).toEqual([expect.stringContaining('secrets cannot be read here')]);
    expect(faultsOf({}, [{ id: 'a', uses: 'core.log', with: { message: '${{ secrets.KEY }}' } }])).toEqual([]);
  });

  it('stands in values and not in keys, and ends', () => {
    expect(faultsOf({}, [{ id: 'a', uses: 'core.set', with: { '${{ run.id }}': 1 } }])).toEqual([expect.stringContaining('expression.place /tasks/0/with/${{ run.id }}: a key holds an expression')]);
    expect(faultsOf({}, [{ id: 'a', uses: 'core.set', with: { v: ['x ${{ run.id'] } }])).toEqual([expect.stringContaining('expression.syntax /tasks/0/with/v/0: an expression does not end')]);
  });

  it('that reads an input that may be missing gets a warning', () => {
    const { errors, warnings } = check('name: a\ninputs: { maybe: { type: string } }\ntasks: [ { id: a, uses: core.log, with: { message: "${{ inputs.maybe }}" } } ]');
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.objectContaining({ code: 'expression.may_be_missing', message: expect.stringContaining('inputs.?maybe.orValue(…)') })]);
  });

  it.each<[string, string, number, number]>([
    ['in a plain text', 'name: a\ntasks:\n  - id: a\n    uses: core.log\n    with:\n      message: ${{ run.id + nobody }}', 6, 29],
    ['in quotes', 'name: a\ntasks:\n  - { id: a, uses: core.log, with: { message: "x ${{ nobody }}" } }', 3, 54],
    ['with escapes', 'name: a\ntasks:\n  - { id: a, uses: core.log, with: { message: "${{ \\"x\\" + nobody }}" } }', 3, 60],
    ['in a block', 'name: a\ntasks:\n  - id: a\n    uses: core.log\n    with:\n      message: |\n        first\n        ${{ nobody }}', 8, 13],
    ['in an if', 'name: a\ntasks:\n  - id: a\n    uses: core.noop\n    if: run.id == nobody', 5, 19],
    ['in JSON', '{"name": "a", "tasks": [\n {"id": "a", "uses": "core.log", "with": {"message": "${{ nobody }}"}}]}', 2, 59],
  ])('that is wrong is shown at its own place: %s', (_name, text, line, column) => {
    expect(check(text).errors).toEqual([expect.objectContaining({ message: 'unknown name nobody', line, column })]);
  });
});
