import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { AppError } from '../../domain/errors';
import type { ArtifactContents, ByteRange } from '../../platform/artifact-contents';

export interface Content {
  name: string;
  contentType: string;
  sha256: string;
  bytes: number;
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
 * The bytes that a request asks for (RFC 9110, section 14). Several ranges at once get the whole, which is allowed; so
 * does a range of a content that has changed since.
 * @throws AppError `range_not_satisfiable`
 */
function rangeOf(request: Request, { bytes, sha256 }: Content): Required<ByteRange> | undefined {
  const unchanged = request.headers['if-range'] === undefined || request.headers['if-range'] === etagOf(sha256);
  const ranges = unchanged ? request.range(bytes, { combine: true }) : undefined;
  if (ranges === -1) throw new AppError('range_not_satisfiable', `The artifact has ${bytes} bytes, and none of those that were asked for.`, { details: { bytes } });
  const [range, ...others] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : [];
  return range && others.length === 0 ? range : undefined;
}

const etagOf = (sha256: string): string => `"${sha256}"`;

/**
 * Sends a content, or the bytes of it that were asked for. It was made by a pipeline, not by us: nothing in it may run
 * in our origin, whatever it claims to be.
 * @throws AppError `range_not_satisfiable`; what `ArtifactContents` throws
 */
export async function sendContent(request: Request, response: Response, contents: ArtifactContents, content: Content): Promise<void> {
  response.set({ ETag: etagOf(content.sha256), 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-cache' });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const range = rangeOf(request, content);
  // Looked for first: what is gone must be a 404 while that can still be said.
  const bytes = request.method === 'HEAD' ? undefined : await contents.open(content.sha256, range);
  response.status(range ? 206 : 200).set({
    'Content-Type': content.contentType,
    'Content-Length': String(range ? range.end - range.start + 1 : content.bytes),
    ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${content.bytes}` }),
    'Content-Disposition': disposition(content.name, content.contentType),
    'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    'X-Content-Type-Options': 'nosniff',
  });
  if (bytes === undefined) {
    response.end();
    return;
  }
  // A client that leaves ends its request, and that is no error.
  await pipeline(bytes, response).catch((error: unknown) => { if (!request.destroyed) throw error; });
}
