import type { Request, Response } from 'express';
import { AppError } from '../../domain/errors';

export interface Content {
  name: string;
  contentType: string;
  sha256: string;
  /** File with the content. */
  path: string;
}

/** Types that a browser shows without running anything in them. All others, HTML and SVG first of all, are downloads. */
const shown = /^(image\/(png|jpeg|gif|webp|avif)|text\/(plain|csv)|application\/(json|pdf))(;|$)/;

/** Name for old programs in ASCII and for all others in UTF-8 (RFC 6266). */
function disposition(name: string, contentType: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${shown.test(contentType) ? 'inline' : 'attachment'}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/**
 * Sends a content, or the bytes of it that were asked for. It was made by a pipeline, not by us: nothing in it may run
 * in our origin, whatever it claims to be.
 * @throws AppError `not_found` when the file is gone, `range_not_satisfiable`
 */
export async function sendContent(request: Request, response: Response, content: Content): Promise<void> {
  response.set({
    'Content-Type': content.contentType,
    'Content-Disposition': disposition(content.name, content.contentType),
    'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
    ETag: `"${content.sha256}"`,
  });
  await new Promise<void>((resolve, reject) => {
    response.sendFile(content.path, { dotfiles: 'allow', lastModified: false, cacheControl: false, etag: false }, (error?: Error) => {
      if (!error || request.destroyed || response.headersSent) resolve();
      else reject(refusalOf(error) ?? error);
    });
  });
}

function refusalOf(error: Error): AppError | undefined {
  const status = 'status' in error ? error.status : undefined;
  if (status === 404) return new AppError('not_found', 'The content of this artifact is not here any more.');
  return status === 416 ? new AppError('range_not_satisfiable', 'The artifact has no such bytes.') : undefined;
}
