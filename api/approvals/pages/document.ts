import { createHash } from 'node:crypto';
import { Html, html } from '../../../platform/html';
import { style } from './style';

/** Headers of every page: nothing runs, nothing is loaded from elsewhere, nobody frames it, and no address is told on. */
export const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'", `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`, "img-src 'self' data:",
    "form-action 'self'", "base-uri 'self'", "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'Cache-Control': 'no-store',
} as const;

/** What a page is meant to weigh at most, so that it opens at once where the net is bad. */
export const pageBytes = 20_000;

/** @param base what relative addresses begin with, in place of the address of the page */
export function documentHtml(title: string, body: Html, base?: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">${base !== undefined && html`<base href="${base}">`}<title>${title}</title><style>${new Html(style)}</style></head>
<body><main>${body}</main></body></html>
`.text;
}
