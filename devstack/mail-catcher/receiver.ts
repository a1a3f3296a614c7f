import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { MailStore } from './mail-store';

const largestMailBytes = 50 * 1024 * 1024;

async function contentOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

const envelopeOf = ({ envelope }: SMTPServerSession) => ({
  from: envelope.mailFrom ? envelope.mailFrom.address : '',
  to: envelope.rcptTo.map(({ address }) => address),
});

/** Accepts every mail for every address, and says so only when it is stored. */
export function makeReceiver(store: MailStore): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(null, { user: 'anyone' }),
    hideENHANCEDSTATUSCODES: false,
    size: largestMailBytes,
    onData(stream, session, done) {
      contentOf(stream)
        .then(async (raw) => {
          if (stream.sizeExceeded) throw Object.assign(new Error('The mail is larger than 50 MiB'), { responseCode: 552 });
          const id = await store.add(raw, envelopeOf(session), new Date());
          done(null, `Stored as ${id}`);
        })
        .catch((error: Error) => done(error));
    },
  });
}
