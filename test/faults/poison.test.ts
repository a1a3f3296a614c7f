import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RunStage } from '../runs/run-stage';

let stage: RunStage;
let server: Server;
beforeAll(async () => {
  stage = await RunStage.open({ DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8' });
  server = createServer((_request, response) => {
    // NUL, halves of surrogate pairs and terminal controls, as JSON may hold them.
    response.setHeader('content-type', 'application/json').end('{"text":"a\\u0000b \\ud800 \\udc00 \\u001b[2J \\u202e"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await stage.close();
});

const healthy = `
name: healthy
tasks:
  - { id: one, uses: core.sleep, with: { milliseconds: 1 } }
  - { id: two, needs: [one], uses: core.log, with: { message: fine } }
`;
const lines = Array.from({ length: 1_000 }, (_, index) => index);
const poison = {
  name: 'poison',
  tasks: [
    { id: 'huge_line', uses: 'core.log', with: { message: 'x'.repeat(200_000) } },
    { id: 'many_lines', uses: 'core.log', forEach: { in: lines, as: 'line', maxParallel: 200 }, with: { message: '${{ line }} ' + 'y'.repeat(2_000) } },
    { id: 'strange', uses: 'http.request', with: { url: '${{ inputs.url }}' } },
    { id: 'said', uses: 'core.log', needs: ['strange'], with: { message: '${{ tasks.strange.output.body.text }}' } },
    { id: 'kept', uses: 'core.set', needs: ['strange'], with: { text: '${{ tasks.strange.output.body.text }}' } },
    { id: 'complaint', uses: 'core.assert', needs: ['strange'], with: { that: false, message: '${{ tasks.strange.output.body.text }}' } },
    { id: 'bad_template', uses: 'core.log', with: { message: '${{ inputs.list[99] }}' } },
    { id: 'too_large', uses: 'core.set', with: { text: '${{ inputs.list }}'.repeat(4_000) } },
  ].map((task) => ({ continueOnError: true, ...task })),
  inputs: { url: { type: 'string' }, list: { type: 'array', default: ['z'.repeat(100)] } },
};

test('huge and strange lines and outputs, and templates that fail, hurt no other run', async () => {
  const plan = await stage.apply(JSON.stringify(poison), 'json');
  const steady = await stage.apply(healthy);
  const { port } = server.address() as AddressInfo;
  const poisoned = await stage.start(plan, { url: `http://127.0.0.1:${port}/` });
  const others = await Promise.all([1, 2, 3, 4, 5].map(() => stage.start(steady)));
  expect((await Promise.all(others.map((id) => stage.final(id)))).map(({ status }) => status)).toEqual(others.map(() => 'succeeded'));
  expect(await stage.final(poisoned, 60_000)).toMatchObject({ status: 'succeeded' });
  expect(await stage.statuses(poisoned)).toMatchObject({
    huge_line: 'failed', many_lines: 'succeeded', complaint: 'failed', bad_template: 'failed', too_large: 'failed',
  });
  const after = await stage.run(healthy.replace('healthy', 'healthy-after'));
  expect(after).toMatchObject({ status: 'succeeded' });
}, 90_000);
