import type { Address } from 'postal-mime';
import type { StoredMail } from './mail-store';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2330; background: #fff }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid #e3e6ec }
  iframe { width: 100%; height: 40rem; border: 1px solid #e3e6ec; background: #fff } pre { white-space: pre-wrap; border: 1px solid #e3e6ec; padding: 1rem }
  .quiet { color: #5b6474 } a { color: #1746a2 }
  @media (prefers-color-scheme: dark) { body { color: #e6e9f0; background: #14171f } td, th, iframe, pre { border-color: #333a49 } .quiet { color: #a2acbd } a { color: #9dbcff } }`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${style}</style></head><body>${body}</body></html>`;

const addressText = (address: Address | undefined): string =>
  address === undefined ? '' : address.name ? `${address.name} <${address.address ?? ''}>` : address.address ?? '';

/** All caught mails, newest first. */
export function inboxPage(mails: StoredMail[]): string {
  const rows = mails.map(({ id, receivedAt, envelope, mail }) => `<tr>
    <td class="quiet">${escape(receivedAt.slice(0, 19).replace('T', ' '))}</td><td>${escape(envelope.to.join(', '))}</td>
    <td><a href="/mails/${id}">${escape(mail.subject || '(no subject)')}</a></td><td class="quiet">${mail.attachments.length || ''}</td></tr>`);
  const table = `<table><thead><tr><th>Received (UTC)</th><th>To</th><th>Subject</th><th>Attachments</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const empty = '<p class="quiet">No mail yet. Everything that the local stack sends arrives here, and nothing leaves this machine.</p>';
  return page('Mail of the local stack', `<h1>Mail</h1>${mails.length ? table : empty}`);
}

/** One mail. Its HTML is shown in a frame without scripts, forms or an origin, because it is somebody else's document; its links open beside it. */
export function mailPage({ id, receivedAt, envelope, mail }: StoredMail): string {
  const facts: [string, string][] = [
    ['From', addressText(mail.from)], ['To', envelope.to.join(', ')], ['Received', receivedAt], ['Message-ID', mail.messageId ?? ''],
  ];
  const attachments = mail.attachments.map(({ filename, mimeType }, index) =>
    `<li><a href="/mails/${id}/attachments/${index}" download>${escape(filename ?? `attachment ${index + 1}`)}</a> <span class="quiet">${escape(mimeType)}</span></li>`);
  return page(mail.subject ?? 'Mail', `<p><a href="/">All mails</a> · <a href="/mails/${id}/raw">source</a></p><h1>${escape(mail.subject || '(no subject)')}</h1>
    <table>${facts.map(([name, value]) => `<tr><th>${name}</th><td>${escape(value)}</td></tr>`).join('')}</table>
    ${attachments.length ? `<h2>Attachments</h2><ul>${attachments.join('')}</ul>` : ''}
    ${mail.html ? `<h2>Message</h2><iframe title="Message" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mails/${id}/html"></iframe>` : `<h2>Message</h2><pre>${escape(mail.text ?? '')}</pre>`}`);
}
