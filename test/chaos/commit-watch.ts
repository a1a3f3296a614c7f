import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What Postgres answers to a `commit` (CommandComplete). */
const committed = Buffer.from('COMMIT\0');

/** A way to Postgres on which one commit can be cut off: it has happened, and who asked for it never hears so. */
export class CommitWatch {
  private commitsLeft = Infinity;
  private strike: () => void = () => undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server, private readonly origin: URL) {}

  static async listen(databaseUrl: string): Promise<CommitWatch> {
    const server = createServer();
    const watch = new CommitWatch(server, new URL(databaseUrl));
    server.on('connection', (client) => watch.join(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return watch;
  }

  /** The database, by this way. */
  get url(): string {
    const url = new URL(this.origin);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.toString();
  }

  /** Calls `strike` at that commit from now (1 is the next one), and passes nothing of it on. */
  arm(commit: number, strike: () => void): void {
    this.commitsLeft = commit;
    this.strike = strike;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const postgres = connect(Number(this.origin.port), this.origin.hostname);
    for (const [socket, other] of [[client, postgres], [postgres, client]] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(postgres);
    postgres.on('data', (chunk) => { if (!this.strikes(chunk)) client.write(chunk); });
  }

  private strikes(chunk: Buffer): boolean {
    if (!chunk.includes(committed)) return false;
    this.commitsLeft -= 1;
    if (this.commitsLeft !== 0) return false;
    this.strike();
    return true;
  }
}
