import { RunStage } from './run-stage';

let stage: RunStage;
beforeAll(async () => { stage = await RunStage.open(); });
afterAll(() => stage.close());

test('three tasks run in the order of their needs, and outputs flow between them', async () => {
  const run = await stage.run(`
name: chain
inputs: { name: { type: string, default: world } }
tasks:
  - { id: first, uses: core.set, with: { greeting: "hello \${{ inputs.name }}" } }
  - { id: second, needs: [first], uses: core.log, with: { message: "\${{ tasks.first.output.greeting }}!" } }
  - { id: third, needs: [second], uses: core.noop }
outputs: { said: "\${{ tasks.first.output.greeting }}" }
`);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { said: 'hello world' }, error: null });
  expect(await stage.statuses(run.id)).toEqual({ first: 'succeeded', second: 'succeeded', third: 'succeeded' });
  const types = (await stage.events(run.id)).map(({ type }) => type);
  expect(types[0]).toBe('run.started');
  expect(types.at(-1)).toBe('run.succeeded');
});

test('a NUL that Postgres cannot hold harms nobody: it is replaced, and the run ends', async () => {
  const poison = '${{ "a\\u0000b" }}';
  const run = await stage.run(JSON.stringify({
    name: 'poison',
    tasks: [
      { id: 'keep', uses: 'core.set', with: { text: poison } },
      { id: 'say', uses: 'core.log', with: { message: poison } },
      { id: 'fail', uses: 'core.fail', continueOnError: true, with: { message: poison } },
    ],
    outputs: { text: '${{ tasks.keep.output.text }}' },
  }));
  expect(run).toMatchObject({ status: 'succeeded', outputs: { text: 'a\ufffdb' } });
});
