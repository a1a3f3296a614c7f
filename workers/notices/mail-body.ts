import { html, type Html } from '../../platform/html';
import { markdownHtml } from '../../platform/markdown';
import type { Story } from './story';

export interface Letter extends Story {
  title: string;
  requester: string;
  risk: string | null;
  deadline: string | null;
  standing: string;
  description: string | null;
  person: string;
  review: string;
  inbox: string;
}

const facts = ({ requester, risk, deadline, standing }: Letter): [string, string][] => [
  ['Requested by', requester],
  ...(risk === null ? [] : [['Risk', risk] as [string, string]]),
  ...(deadline === null ? [] : [['Deadline', deadline] as [string, string]]),
  ['Status', standing],
];

const action = ({ asks }: Letter): string => (asks ? 'Review and decide' : 'See the request');
const warning = ({ person }: Letter): string => `This link is yours, ${person}: whoever opens it acts as you. Do not forward it. Opening it decides nothing. It is good for seven days.`;

/** The mail as plain text. */
export function textBody(letter: Letter): string {
  const { title, lead, comment, description, review, inbox } = letter;
  return [
    title, '',
    lead, '',
    ...(comment === null ? [] : [quoted(comment), '']),
    ...facts(letter).map(([name, value]) => `${name}: ${value}`), '',
    ...(description === null ? [] : [description, '']),
    `${action(letter)}:`, review, '',
    warning(letter), '',
    'Everything that waits for you:', inbox, '',
  ].join('\n');
}

const quoted = (text: string): string => text.split('\n').map((line) => `> ${line}`).join('\n');

const font = "font:16px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif";

/**
 * The same as HTML: no images, nothing from outside, styles in place because mail programs drop the
 * rest. Links leave the frame in which a mail program on the web shows it: the page may not be framed.
 */
export function htmlBody(letter: Letter): string {
  const { title, lead, comment, description, review, inbox } = letter;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${title}</title></head>
<body style="margin:0;padding:24px 16px;${font}">
<div style="max-width:560px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 12px">${title}</h1>
<p style="margin:0 0 16px">${lead}</p>
${comment !== null && html`<blockquote style="margin:0 0 16px;padding:8px 16px;border-left:4px solid #8a94a6;white-space:pre-wrap">${comment}</blockquote>`}
<table role="presentation" style="border-collapse:collapse;margin:0 0 20px;${font}">${facts(letter).map(factRow)}</table>
<p style="margin:0 0 20px"><a href="${review}" target="_blank" rel="noreferrer" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none">${action(letter)}</a></p>
${description !== null && html`<div style="margin:0 0 20px">${markdownHtml(description)}</div>`}
<p style="margin:0 0 8px;font-size:13px">${warning(letter)}</p>
<p style="margin:0;font-size:13px"><a href="${inbox}" target="_blank" rel="noreferrer">Everything that waits for you</a></p>
</div></body></html>
`.text;
}

const factRow = ([name, value]: [string, string]): Html =>
  html`<tr><td style="padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap">${name}</td><td style="padding:2px 0;font-weight:600">${value}</td></tr>`;
