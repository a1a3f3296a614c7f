import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Attachment } from 'postal-mime';
import type { MailStore, StoredMail } from './mail-store';
import { inboxPage, mailPage } from './pages';

const listed = 200;
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'";
// A link in a mail leads out of it, to a page that is no part of the mail.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox";

/** A page of the web that made its name point here must not read the mails. */
const refuseForeignHosts: RequestHandler = (request, response, next) => {
  if (['127.0.0.1', 'localhost', '[::1]'].includes(request.hostname)) next();
  else response.status(403).type('text/plain').send('This inbox answers on this machine only.');
};

const summary = ({ id, receivedAt, envelope, mail }: StoredMail) => ({
  id, receivedAt, from: envelope.from, to: envelope.to, subject: mail.subject ?? '', messageId: mail.messageId ?? null,
  attachments: mail.attachments.map(({ filename, mimeType }) => ({ name: filename, contentType: mimeType })),
});

/** The inbox over HTTP: pages for people; `GET /api/mails` and `GET /api/mails/{id}` for programs. */
export function makeInbox(store: MailStore): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(refuseForeignHosts, (_request, response, next) => {
    response.set({ 'content-security-policy': pagePolicy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    next();
  });
  const withMail = (answer: (mail: StoredMail, response: Response) => void): RequestHandler<{ id: string }> =>
    async (request, response) => {
      const mail = await store.find(request.params.id);
      if (mail) answer(mail, response);
      else response.status(404).json({ error: 'no such mail' });
    };

  app.get('/livez', (_request, response) => { response.json({ status: 'healthy' }); });
  app.get('/', async (_request, response) => { response.send(inboxPage(await store.list(listed))); });
  app.get('/api/mails', async (_request, response) => { response.json({ items: (await store.list(listed)).map(summary) }); });
  app.get('/api/mails/:id', withMail((found, response) => {
    response.json({ ...summary(found), headers: found.mail.headers, text: found.mail.text ?? null, html: found.mail.html ?? null });
  }));
  app.get('/mails/:id', withMail((found, response) => { response.send(mailPage(found)); }));
  app.get('/mails/:id/html', withMail((found, response) => {
    response.set('content-security-policy', mailPolicy).send(`<base target="_blank">${found.mail.html ?? ''}`);
  }));
  app.get('/mails/:id/raw', async (request, response) => {
    const raw = await store.raw(request.params.id);
    if (raw) response.type('text/plain').send(raw);
    else response.status(404).json({ error: 'no such mail' });
  });
  app.get('/mails/:id/attachments/:index', async (request, response) => {
    const found = await store.find(request.params.id);
    sendAttachment(found?.mail.attachments[Number(request.params.index)], response);
  });
  return app;
}

/** Always as a download: an HTML attachment shown here could read the other mails. */
function sendAttachment(attachment: Attachment | undefined, response: Response): void {
  if (!attachment) {
    response.status(404).json({ error: 'no such attachment' });
    return;
  }
  const { content } = attachment;
  const bytes = typeof content === 'string' ? content : Buffer.from(new Uint8Array(content));
  response.attachment(attachment.filename ?? 'attachment').type(attachment.mimeType).send(bytes);
}
