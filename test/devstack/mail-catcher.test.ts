import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTransport, type Transporter } from 'nodemailer';
import type { SMTPServer } from 'smtp-server';
import { makeInbox } from '../../devstack/mail-catcher/inbox';
import { MailStore } from '../../devstack/mail-catcher/mail-store';
import { makeReceiver } from '../../devstack/mail-catcher/receiver';
import { testEnvironment } from '../harness/environment';

describe('the mail catcher', () => {
  const folder = join(testEnvironment().TEST_DIR, 'mail-catcher');
  let receiver: SMTPServer;
  let inbox: Server;
  let sender: Transporter;
  let url: string;

  const portOf = (address: AddressInfo | string | null): number => {
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  };

  beforeAll(async () => {
    const store = new MailStore(folder);
    await store.open();
    receiver = makeReceiver(store);
    receiver.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    inbox = createServer(makeInbox(store)).listen(0, '127.0.0.1');
    await once(inbox, 'listening');
    sender = createTransport({ host: '127.0.0.1', port: portOf(receiver.server.address()) });
    url = `http://127.0.0.1:${portOf(inbox.address())}`;
  });

  afterAll(async () => {
    sender.close();
    await new Promise<void>((resolve) => receiver.close(() => resolve()));
    inbox.closeAllConnections();
    await new Promise((resolve) => inbox.close(resolve));
  });

  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { response, text: await response.text() };
  };

  it('keeps a mail with its blind recipients and attachments, also after a restart', async () => {
    await sender.sendMail({
      from: 'a@example.com', to: 'b@example.com', bcc: 'hidden@example.com', subject: 'Report of <January>', messageId: '<run-1@datamcp>',
      html: '<p>done</p><script>alert(1)</script>', attachments: [{ filename: 'chart.svg', content: '<svg/>', contentType: 'image/svg+xml' }],
    });
    const kept = await new MailStore(folder).list(10);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.envelope.to).toEqual(['b@example.com', 'hidden@example.com']);
    expect(kept[0]?.mail.messageId).toBe('<run-1@datamcp>');
    expect(kept[0]?.mail.attachments.map((attachment) => attachment.filename)).toEqual(['chart.svg']);
  });

  it('lists mails for people and programs, with subjects escaped', async () => {
    const { text } = await get('/');
    expect(text).toContain('Report of &lt;January&gt;');
    const listing = await get('/api/mails');
    expect(JSON.parse(listing.text)).toMatchObject({ items: [{ subject: 'Report of <January>', messageId: '<run-1@datamcp>' }] });
  });

  it('shows the HTML of a mail without scripts and gives attachments only as downloads', async () => {
    const [mail] = await new MailStore(folder).list(1);
    const html = await get(`/mails/${mail?.id}/html`);
    expect(html.response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    const attachment = await get(`/mails/${mail?.id}/attachments/0`);
    expect(attachment.response.headers.get('content-disposition')).toMatch(/^attachment;.*chart\.svg/);
    expect(attachment.text).toBe('<svg/>');
  });

  it('answers 404 for ids that are none, and never a file elsewhere', async () => {
    expect((await get('/mails/00000000000000000-00000000-0000-0000-0000-000000000000')).response.status).toBe(404);
    expect((await get('/mails/..%2F..%2Fetc%2Fpasswd/raw')).response.status).toBe(404);
  });

  it('refuses pages of the web that made their name point to this machine', async () => {
    const status = await new Promise((resolve, reject) => {
      request(`${url}/api/mails`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).once('error', reject).end();
    });
    expect(status).toBe(403);
  });
});
