import { once } from 'node:events';
import type { Server } from 'node:net';
import { errorMessage } from '../domain/errors';

/** Where a server listens: address or name of this machine, and port. */
export interface ServerAddress {
  host: string;
  port: number;
}

/**
 * Lets a server listen.
 * @param settings the variables that say where
 * @throws Error that names them: the port is taken, the address is not of this machine, nobody knows the name
 */
export async function listenAt(server: Server, { host, port }: ServerAddress, settings: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new Error(`Cannot listen at ${host}, port ${port} (${settings}): ${errorMessage(cause)}`, { cause });
  });
}
