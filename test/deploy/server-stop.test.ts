import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeServer, makeServer } from '../../api/server';

const graceMs = 10_000;

test('a server that stops answers what it is asked already, takes nothing new, and does not wait for connections on which nothing happens', async () => {
  let answer = (): void => undefined;
  const server = makeServer({ DATAMCP_API_HEADERS_TIMEOUT_MS: 15_000, DATAMCP_API_REQUEST_TIMEOUT_MS: 60_000 }, (_request, response) => {
    answer = () => { response.end('done'); };
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const ask = async (): Promise<string> => {
    const [response] = await once(request({ host: '127.0.0.1', port, agent }).end(), 'response') as [IncomingMessage];
    return text(response);
  };

  const asked = once(server, 'request');
  const answered = ask();
  await asked;
  const begin = performance.now();
  const closed = closeServer(server, graceMs);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  answer();
  expect(await answered).toBe('done');
  await closed;
  expect(performance.now() - begin).toBeLessThan(graceMs / 2);
  agent.destroy();
});
