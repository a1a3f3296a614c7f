import { createServer } from 'node:http';
import { z } from 'zod';
import { tellListening } from '../../platform/parent-process';
import { makeInbox } from './inbox';
import { MailStore } from './mail-store';
import { makeReceiver } from './receiver';

const port = z.coerce.number().int().min(1).max(65_535);
const environmentSchema = z.object({
  MAIL_DIR: z.string().min(1), MAIL_SMTP_PORT: port, MAIL_HTTP_PORT: port,
  /** Whoever reaches it reads all mails: on this machine only, unless it stands in a network of its own. */
  MAIL_HOST: z.string().min(1).default('127.0.0.1'),
});

/** The mail catcher as a process: SMTP and inbox, until it is told to stop. */
async function main(): Promise<void> {
  const { MAIL_DIR: folder, MAIL_SMTP_PORT: smtpPort, MAIL_HTTP_PORT: httpPort, MAIL_HOST: host } = environmentSchema.parse(process.env);
  const store = new MailStore(folder);
  await store.open();
  const receiver = makeReceiver(store);
  const inbox = createServer(makeInbox(store));
  await new Promise<void>((resolve, reject) => { receiver.on('error', reject).listen(smtpPort, host, resolve); });
  await new Promise<void>((resolve, reject) => inbox.once('error', reject).listen(httpPort, host, resolve));
  receiver.on('error', (error) => console.error(error));
  tellListening();

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      inbox.close();
      inbox.closeAllConnections();
      receiver.close();
    });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  // One port may be taken and the other open, which would keep the process from ending.
  process.exit(1);
});
