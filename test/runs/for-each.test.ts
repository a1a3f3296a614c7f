import { RunStage } from './run-stage';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

test('a forEach gives the outputs of its instances in item order, with the item and its index in scope', async () => {
  const run = await stage.run(`
name: letters
tasks:
  - { id: letters, uses: core.set, with: { all: [a, b, c] } }
  - id: each
    needs: [letters]
    forEach: { in: "\${{ tasks.letters.output.all }}", as: letter, maxParallel: 2 }
    uses: core.set
    with: { said: "\${{ letter }}\${{ index }}" }
outputs: { all: "\${{ tasks.each.output.map(one, one.said) }}" }
`);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { all: ['a0', 'b1', 'c2'] }, progress: { total: 2, succeeded: 2 } });
  expect((await stage.tasks(run.id)).filter(({ task }) => task === 'each').map(({ instance, status }) => [instance, status]))
    .toEqual([[-1, 'succeeded'], [0, 'succeeded'], [1, 'succeeded'], [2, 'succeeded']]);
});

test('an empty list succeeds with an empty list', async () => {
  const run = await stage.run(`
name: empty
tasks: [ { id: none, forEach: { in: [], as: item }, uses: core.fail } ]
outputs: { list: "\${{ tasks.none.output }}" }
`);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { list: [] } });
});

test('a failed instance stops new ones and fails the task; with its own continueOnError it is null in the list', async () => {
  const definition = (name: string, tolerant: boolean): string => `
name: ${name}
tasks:
  - id: each
    forEach: { in: [0, 1, 2, 3, 4, 5], as: item, maxParallel: 1, continueOnError: ${tolerant} }
    uses: core.assert
    with: { that: "\${{ item != 2 }}", message: "item \${{ item }}" }
outputs: { list: "\${{ tasks.each.output }}" }
`;
  const strict = await stage.run(definition('strict', false));
  expect(strict).toMatchObject({ status: 'failed', error: { code: 'assertion_failed', message: 'each: instance 2: item 2' } });
  expect((await stage.tasks(strict.id)).find(({ instance }) => instance < 0)).toMatchObject({ error: { message: 'instance 2: item 2' } });
  expect((await stage.tasks(strict.id)).filter(({ instance }) => instance >= 0).map(({ status }) => status).slice(0, 3))
    .toEqual(['succeeded', 'succeeded', 'failed']);
  const tolerant = await stage.run(definition('tolerant-list', true));
  expect(tolerant.status).toBe('succeeded');
  expect(tolerant.outputs?.['list']).toHaveLength(6);
});

test('a forEach over many items is carried out by batches, and a list too long for an output becomes an artifact', async () => {
  const run = await stage.run(`
name: many
inputs: { text: { type: string } }
tasks:
  - { id: numbers, uses: core.set, with: { all: "\${{ inputs.text.split(',') }}" } }
  - id: each
    needs: [numbers]
    forEach: { in: "\${{ tasks.numbers.output.all }}", as: number, maxParallel: 200 }
    uses: core.set
    with: { number: "\${{ number }}", padding: "0123456789012345678901234567890123456789012345678901234567890123456789" }
  - { id: refused, needs: [each], continueOnError: true, uses: core.set, with: { all: "\${{ tasks.each.output }}" } }
outputs: { status: "\${{ tasks.each.status }}" }
`, { text: Array.from({ length: 1_200 }, (_, index) => String(index)).join(',') });
  expect(run).toMatchObject({ status: 'succeeded', outputs: { status: 'succeeded' } });
  const tasks = await stage.tasks(run.id);
  const instances = tasks.filter(({ task, instance }) => task === 'each' && instance >= 0);
  expect(instances).toHaveLength(1_200);
  expect(instances.every(({ instance, output }) => (output as { number: string }).number === String(instance))).toBe(true);
  const { rows } = await stage.database.pool.query('select artifact from run_tasks where run_id = $1 and task = $2 and instance = -1', [run.id, 'each']);
  expect(rows[0].artifact).toMatchObject({ name: 'each.json', contentType: 'application/json' });
  expect(tasks.find(({ task }) => task === 'refused')).toMatchObject({ status: 'failed', error: { code: 'expression_failed', message: expect.stringContaining('tasks.each.artifact') } });
}, 60_000);
