import { html, type Html } from '../../../platform/html';
import { documentHtml } from './document';

/** A page that says one thing, and what to do. */
export interface Message {
  status: number;
  title: string;
  words: string[];
  /** Asks for something, such as a new link. */
  form?: Html;
}

export const messagePage = ({ title, words, form }: Message): string =>
  documentHtml(title, html`<header><p>Approval</p><h1>${title}</h1></header><section>${words.map((sentence) => html`<p>${sentence}</p>`)}${form}</section>`);

const newLinkForm = html`<form method="post" action=""><button class="main" name="act" value="link">Mail me a new link</button></form>`;

export const messages = {
  unknownLink: {
    status: 404, title: 'This link is not valid',
    words: ['It is not one of ours, or a part of it was lost on the way. Copy the whole link out of the mail.', 'If that does not help, ask for a reminder: it brings a new link.'],
  },
  goneRequest: { status: 404, title: 'This request is not here any more', words: ['It was removed after the time that requests are kept.'] },
  otherMethod: { status: 405, title: 'This is not possible here', words: ['Nothing was done. Open the link in your mail and decide there.'] },
  goneContent: { status: 404, title: 'There is nothing here', words: [] },
  expiredLink: {
    status: 410, title: 'This link is too old',
    words: ['Links in mails are good for seven days. You can have a new one: it is sent to the mail address that is known for you.'], form: newLinkForm,
  },
  expiredInbox: { status: 410, title: 'This link is too old', words: ['Links in mails are good for seven days. The next mail brings a new one.'] },
  linkSent: { status: 200, title: 'A new link is on its way', words: ['Look into your mail in a minute. If nothing comes, there is no mail address for you here: ask whoever gave you your key.'] },
  lostClaim: {
    status: 403, title: 'This is not yours to decide any more',
    words: ['The role, group or delegation by which you could decide this has been taken from you, or your key was revoked.', 'If that is a mistake, ask an administrator for it; then this link works again.'],
  },
  foreignForm: { status: 403, title: 'This did not come from our page', words: ['Nothing was done. Open the link in your mail and decide there.'] },
  tooMany: { status: 429, title: 'Too many requests', words: ['Wait a minute and try again.'] },
  unreadable: { status: 400, title: 'This could not be read', words: ['Nothing was done. Open the link in your mail and try again.'] },
  trouble: { status: 503, title: 'This does not work right now', words: ['Try again in a minute. Your link stays good, and nothing counts twice.'] },
} as const satisfies Record<string, Message>;
