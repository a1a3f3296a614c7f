import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPortTaken, startNodeProcess } from './node-process';
import { freePort } from './processes';

const folder = mkdtempSync(join(tmpdir(), 'datamcp-node-process-'));
const script = join(folder, 'server.mjs');
writeFileSync(script, `
import { createServer } from 'node:http';
const abort = () => { console.error('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'); process.abort(); };
createServer((request, response) => (request.url === '/abort' ? abort() : response.end('ours'))).listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('listening'));
`);
let other: Server | undefined;

const start = (port: number) => startNodeProcess({
  name: 'A server', script, cwd: folder, env: { ...process.env, PORT: String(port) }, logFile: join(folder, 'server.log'),
  readyUrl: `http://127.0.0.1:${port}/`, graceMs: 1_000,
});
const somePort = () => freePort(20_000 + Math.floor(Math.random() * 5_000));

afterEach(() => new Promise((resolve) => other ? other.close(resolve) : resolve(undefined)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process that listens is ready', async () => {
  const port = await somePort();
  const running = await start(port);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ours');
  await running.stop();
  expect(await running.exited).toBe('SIGTERM');
});

test('a process that ends for want of memory says so when it is asked for its end', async () => {
  const port = await somePort();
  const running = await start(port);
  await fetch(`http://127.0.0.1:${port}/abort`).catch(() => undefined);
  expect(await running.exited).toMatch(/^SIGABRT: Memory ran out/);
});

test('the answer of a stranger who took the port first is not taken for the answer of the process', async () => {
  const port = await somePort();
  other = createServer((_, response) => response.end('of another clone')).listen(port, '127.0.0.1');
  await once(other, 'listening');
  const refused: unknown = await start(port).catch((error: unknown) => error);
  expect(refused).toMatchObject({ message: expect.stringContaining(`A server ended (1). Its log is ${join(folder, 'server.log')}\n`) });
  expect(isPortTaken(refused)).toBe(true);
  expect(isPortTaken(new Error('Worker could not be started', { cause: refused }))).toBe(true);
  expect(isPortTaken(new Error('something else'))).toBe(false);
});

test('a process that dies without a word is told so', async () => {
  const silent = join(folder, 'silent.mjs');
  writeFileSync(silent, 'process.exit(3)');
  const options = { name: 'A server', script: silent, cwd: folder, env: {}, logFile: join(folder, 'silent.log'), readyUrl: 'http://127.0.0.1:9/', graceMs: 1_000 };
  await expect(startNodeProcess(options)).rejects.toThrow(`A server ended (3). It wrote nothing into its log, ${options.logFile}`);
});
