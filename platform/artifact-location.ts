import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Where the contents of artifacts are kept. */
export type ArtifactLocation =
  | { kind: 'folder'; folder: string }
  | { kind: 'bucket'; bucket: string; prefix: string; endpoint?: string; region?: string; pathStyle: boolean };

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const settings: ReadonlySet<string> = new Set(['endpoint', 'region', 'pathStyle']);

/** Reads `file:///folder`, a path, or `s3://bucket/prefix?endpoint=…&region=…&pathStyle=true`. */
export const artifactLocation = z.string().min(1).transform((text, context): ArtifactLocation => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  const refuse = (message: string): typeof z.NEVER => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (scheme === undefined || isAbsolute(text)) return { kind: 'folder', folder: text };
  if (!URL.canParse(text)) return refuse('is not a URL');
  const url = new URL(text);
  if (scheme === 's3') {
    const fault = bucketFault(url);
    return fault === undefined ? bucketOf(url) : refuse(fault);
  }
  if (scheme !== 'file') return refuse('is a folder (file:///…) or a bucket (s3://…)');
  return url.host === '' ? { kind: 'folder', folder: fileURLToPath(url) } : refuse('has three slashes in front of an absolute folder: file:///…');
});

function bucketFault({ hostname, username, password, searchParams }: URL): string | undefined {
  if (username !== '' || password !== '') return 'holds credentials, which logs would show: set DATAMCP_ARTIFACTS_KEY_ID and DATAMCP_ARTIFACTS_SECRET_KEY';
  if (!bucketName.test(hostname)) return `names no bucket: s3://bucket/prefix`;
  const unknown = [...searchParams.keys()].find((name) => !settings.has(name));
  if (unknown !== undefined) return `has the unknown setting "${unknown}"; there are ${[...settings].join(', ')}`;
  const endpoint = searchParams.get('endpoint');
  if (endpoint !== null && !/^https?:\/\/[^/?#@]+\/?$/.test(endpoint)) return '`endpoint` is http:// or https:// with a host, and nothing behind it';
  return /^(true|false)$/.test(searchParams.get('pathStyle') ?? 'false') ? undefined : '`pathStyle` is true or false';
}

function bucketOf({ hostname, pathname, searchParams }: URL): ArtifactLocation {
  const [endpoint, region] = [searchParams.get('endpoint'), searchParams.get('region')];
  return {
    kind: 'bucket', bucket: hostname, prefix: decodeURIComponent(pathname).replaceAll(/^\/+|\/+$/g, ''),
    pathStyle: searchParams.get('pathStyle') === 'true',
    ...(endpoint !== null && { endpoint }), ...(region !== null && { region }),
  };
}
