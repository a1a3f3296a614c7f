import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server that keeps what it is sent; some recipients are refused. */
export class MailCatcher {
  readonly mails: { mail: Email; recipients: string[] }[] = [];
  private constructor(private readonly server: SMTPServer) {}

  static async listen(): Promise<MailCatcher> {
    const refuse = (status: number) => Object.assign(new Error('no'), { responseCode: status });
    const server = new SMTPServer({
      authOptional: true, disabledCommands: ['STARTTLS'], closeTimeout: 100,
      onRcptTo: ({ address }, _session, done) => {
        if (address.startsWith('later')) done(refuse(451));
        else if (address.startsWith('never')) done(refuse(550));
        else if (!address.startsWith('slow')) done();
      },
      onData: (stream, session, done) => {
        void buffer(stream).then(async (raw) => {
          catcher.mails.push({ mail: await PostalMime.parse(raw), recipients: session.envelope.rcptTo.map(({ address }) => address) });
          done();
        }).catch(done); // Half a mail of a sender who went away is none.
      },
    });
    server.on('error', () => undefined);
    const catcher = new MailCatcher(server);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return catcher;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}
