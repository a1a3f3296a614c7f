import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { TemporalConnection } from './temporal-connection';

/** A port of 127.0.0.1 that hangs up on everyone, and how many came. */
async function refusingServer(): Promise<{ address: string; close: () => void }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, close: () => server.close() };
}

describe('a connection to Temporal', () => {
  it('is closed while a call is being retried, and the call ends', async () => {
    const server = await refusingServer();
    const uncaught: unknown[] = [];
    const note = (error: unknown): number => uncaught.push(error);
    process.on('uncaughtException', note);
    const connection = TemporalConnection.lazy({ address: server.address, connectTimeout: 5_000 });
    const ended = connection.workflowService.getSystemInfo({}).then(() => 'answered', (error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await connection.close();
    expect(await ended).toMatchObject({ code: 14 });
    process.off('uncaughtException', note);
    server.close();
    expect(uncaught).toEqual([]);
  });
});
