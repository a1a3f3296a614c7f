import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Pool } from 'pg';
import { makePool } from './postgres';
import { makeLogger } from './logger';
import { PostgresClient } from './postgres-client';

/** As the server asks: `R`, the length, what for. */
const asksForPassword = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const asksForToken = Buffer.from('R\0\0\0\x15\0\0\0\x0aOAUTHBEARER\0\0', 'latin1');
const speaksNoTls = Buffer.from('N');

let server: Server;
let port: number;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  server = createServer({ allowHalfOpen: true }, (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** Answers the first message of a login, and waits patiently. Resolves when the client is gone. */
async function goneAfter(answer: Buffer): Promise<void> {
  const [socket] = await once(server, 'connection') as [Socket];
  socket.once('data', () => socket.write(answer));
  await once(socket, 'end');
}

test('a login whose password cannot be had is ended at once, not when the server gives up', async () => {
  const pool = new Pool({ Client: PostgresClient, host: '127.0.0.1', port, user: 'me', password: () => Promise.reject(new Error('no such secret')) });
  const gone = goneAfter(asksForPassword);
  await expect(pool.connect()).rejects.toThrow('no such secret');
  await gone;
});

test('a login that is refused TLS is ended at once', async () => {
  const pool = new Pool({ Client: PostgresClient, host: '127.0.0.1', port, user: 'me', ssl: true });
  const gone = goneAfter(speaksNoTls);
  await expect(pool.connect()).rejects.toThrow('does not support SSL');
  await gone;
});

test('the pool of the product ends a login whose way it does not know', async () => {
  const pool = makePool({ DATABASE_URL: `postgres://me@127.0.0.1:${port}/x`, DATAMCP_DATABASE_POOL: 1 }, makeLogger('error', 'test'));
  const gone = goneAfter(asksForToken);
  await expect(pool.connect()).rejects.toThrow('SCRAM-SHA-256');
  await gone;
});
