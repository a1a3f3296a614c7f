import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { freePort } from '../../devstack/processes';

/** How the server treats a mail: what comes before the `@` of its recipient, up to a dot. */
export const manners = {
  slow: 'is taken after five seconds',
  later: 'gets 451 twice, and is taken then',
  never: 'gets 550',
  sour: 'gets 451, and then 550',
  forgetful: 'is taken, and the connection breaks before it is said',
  silent: 'is not answered the first time',
} as const;
export type Manner = keyof typeof manners;

const slowMs = 5_000;

/** A mail server with moods. What it says to a mail depends on the recipient, and on how often that one was tried. */
export class MoodyMailServer {
  /** Message-IDs as they were taken, by recipient. */
  readonly taken: { recipient: string; messageId: string }[] = [];
  private readonly tries = new Map<string, number>();
  private readonly sockets = new Set<Socket>();
  private server: SMTPServer | undefined;

  private constructor(readonly port: number) {}

  /** A server that is not there yet: its port refuses. */
  static async away(): Promise<MoodyMailServer> {
    return new MoodyMailServer(await freePort(33_000 + Math.floor(Math.random() * 1_000)));
  }

  async open(): Promise<void> {
    this.server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'], closeTimeout: 100,
      onRcptTo: ({ address }, _session, done) => done(this.refusal(address)),
      onData: (stream, session, done) => { void buffer(stream).then((raw) => this.take(raw, session, done)); },
    });
    this.server.on('error', () => undefined);
    this.server.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => { this.server?.listen(this.port, '127.0.0.1', resolve); });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => { this.server?.close(resolve); });
  }

  /** How often somebody tried to hand over a mail to a recipient. */
  triesOf(recipient: string): number {
    return this.tries.get(recipient) ?? 0;
  }

  private refusal(recipient: string): Error | null {
    const tries = this.triesOf(recipient) + 1;
    this.tries.set(recipient, tries);
    const manner = mannerOf(recipient);
    if (manner === 'never' || (manner === 'sour' && tries > 1)) return refusal(550);
    return (manner === 'later' && tries <= 2) || manner === 'sour' ? refusal(451) : null;
  }

  private async take(raw: Buffer, { envelope, remotePort }: SMTPServerSession, done: (error?: Error | null) => void): Promise<void> {
    const recipient = envelope.rcptTo[0]?.address ?? '';
    const isFirst = this.triesOf(recipient) === 1;
    const manner = mannerOf(recipient);
    if (manner === 'silent' && isFirst) return;
    if (manner === 'slow') await sleep(slowMs);
    this.taken.push({ recipient, messageId: (await PostalMime.parse(raw)).messageId ?? '' });
    if (manner === 'forgetful' && isFirst) [...this.sockets].find((socket) => socket.remotePort === remotePort)?.destroy();
    else done();
  }
}

const mannerOf = (recipient: string): string => recipient.split('.')[0] ?? '';
const refusal = (responseCode: number): Error => Object.assign(new Error('not now'), { responseCode });
