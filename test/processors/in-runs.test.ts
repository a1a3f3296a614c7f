import { createServer, type AddressInfo, type Socket } from 'node:net';
import { cancelSignal } from '../../workflows/pipeline/contract';
import { RunStage } from '../runs/run-stage';
import { Target } from './http-target';

/** What connects to it and is never answered. */
class Listener {
  readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    // Read, so that its end is seen.
    socket.resume().on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  });
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

let stage: RunStage;
const caller = new Listener();
const family = new Listener();
let ports: { caller: number; family: number };

beforeAll(async () => {
  ports = { caller: await caller.listen(), family: await family.listen() };
  stage = await RunStage.open({
    DATAMCP_SHELL_PROGRAMS: process.execPath, DATAMCP_OUTBOUND_ALLOW: '127.0.0.1/32', DATAMCP_CIRCUIT_FAILURES: '2', DATAMCP_CIRCUIT_PROBE_MS: '1500',
  });
});
afterAll(async () => {
  await stage.close();
  caller.close();
  family.close();
});

/** A program that starts another one; both hold on to a connection, and the second one does not listen to SIGTERM. */
const parent = `
  const hold = "require('net').connect(" + process.argv[2] + ", '127.0.0.1');";
  require('child_process').spawn(process.execPath, ['-e', hold + "process.on('SIGTERM', () => {});"], { stdio: 'inherit' });
  eval(hold);`;

const pipeline = (name: string, more: string): string => `
name: ${name}
${more}
tasks:
  - id: query
    uses: duckdb.query
    with: { sql: "select count(*) from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 3" }
  - id: program
    uses: shell.run
    with: { program: node, script: ${JSON.stringify(parent)}, args: [${ports.family}], graceMs: 500 }
  - id: call
    uses: http.request
    with: { url: "http://127.0.0.1:${ports.caller}/" }
`;

async function until(id: string, holds: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > giveUpAt) throw new Error(`${caller.sockets.size} and ${family.sockets.size} connections: ${JSON.stringify(await stage.tasks(id))}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function underWay(id: string): Promise<void> {
  await until(id, () => caller.sockets.size === 1 && family.sockets.size === 2);
  await stage.untilTask(id, 'query', 'running');
}

const gone = (id: string): Promise<void> => until(id, () => caller.sockets.size + family.sockets.size === 0);

it('a run that is cancelled interrupts its query, ends its program with its child, and closes its socket within the grace time', async () => {
  const plan = await stage.apply(pipeline('cancelled-work', ''));
  const id = await stage.start(plan);
  await underWay(id);
  const asked = Date.now();
  await stage.signal(plan, id, cancelSignal, { reason: 'enough', force: false });
  await gone(id);
  expect(await stage.final(id)).toMatchObject({ status: 'cancelled' });
  expect(Date.now() - asked).toBeLessThan(10_000);
  expect(await stage.statuses(id)).toEqual({ query: 'cancelled', program: 'cancelled', call: 'cancelled' });
});

it('a task whose time is over is stopped in the same way', async () => {
  const plan = await stage.apply(pipeline('late-work', 'defaults: { timeout: 3s, retry: { maxAttempts: 1 } }'));
  const id = await stage.start(plan);
  await underWay(id);
  await gone(id);
  expect(await stage.final(id)).toMatchObject({ status: 'failed' });
  expect((await stage.tasks(id)).map(({ error }) => error?.code)).toEqual(['timed_out', 'timed_out', 'timed_out']);
});

it('an attempt that meets an open circuit is made again when its probe is due', async () => {
  // Down for two calls: they open the circuit, the third attempt never gets here, the fourth is the probe.
  const target = await Target.listen((_path, response) => void response.writeHead(target.calls.length <= 2 ? 503 : 200).end('here'));
  const id = await stage.start(await stage.apply(`
name: circuit
tasks:
  - id: call
    uses: http.request
    retry: { maxAttempts: 4, initialInterval: 10ms, maxInterval: 10ms }
    with: { url: "${target.url}/" }
`));
  expect(await stage.final(id)).toMatchObject({ status: 'succeeded' });
  expect(await stage.tasks(id)).toMatchObject([{ attempt: 4, output: { status: 200, body: 'here' } }]);
  expect(target.calls).toHaveLength(3);
  await target.close();
});
