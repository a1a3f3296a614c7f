import { isNativeError } from 'node:util/types';
import { AppError } from '../domain/errors';

type Kind = 'refused' | 'full' | 'missing' | 'failed';

const fileKinds: Readonly<Record<string, Kind>> = {
  ENOSPC: 'full', EDQUOT: 'full', EFBIG: 'full',
  EACCES: 'refused', EPERM: 'refused', EROFS: 'refused', ENOTDIR: 'refused', EISDIR: 'refused', ENAMETOOLONG: 'refused',
  ENOENT: 'missing',
};

/**
 * Names of S3's errors, and of those that its compatible servers add; all others go by their status. Of a clock that is
 * wrong the client learns by the refusal, and is right with the next request.
 */
const bucketKinds: Readonly<Record<string, Kind>> = {
  NoSuchKey: 'missing', NotFound: 'missing',
  NoSuchBucket: 'refused', PermanentRedirect: 'refused', AuthorizationHeaderMalformed: 'refused', InvalidBucketName: 'refused',
  CredentialsProviderError: 'refused', ExpiredToken: 'refused', InvalidToken: 'refused',
  RequestTimeTooSkewed: 'failed',
  QuotaExceeded: 'full', InsufficientStorage: 'full', XMinioStorageFull: 'full', XMinioAdminBucketQuotaExceeded: 'full',
};

const statusKinds: Readonly<Record<number, Kind>> = { 301: 'refused', 401: 'refused', 403: 'refused', 404: 'missing', 405: 'refused', 507: 'full' };

/** What an operator reads about the place that failed. */
export interface ArtifactPlace {
  /** As in DATAMCP_ARTIFACTS, without credentials. */
  name: string;
  /** What to look at when it refuses. */
  advice: string;
}

/**
 * An error of the file system as one of ours.
 * @param missing what it means that something is not there: of a folder that cannot be made, Node says just that
 */
export const folderError = (error: unknown, place: ArtifactPlace, missing: Extract<Kind, 'missing' | 'refused'> = 'missing'): AppError => {
  const kind = fileKinds[textOf(error, 'code')] ?? 'failed';
  return asAppError(error, kind === 'missing' ? missing : kind, place);
};

/** An error of the S3 client as one of ours. */
export const bucketError = (error: unknown, place: ArtifactPlace): AppError =>
  asAppError(error, bucketKinds[textOf(error, 'name')] ?? statusKinds[statusOf(error)] ?? 'failed', place);

function asAppError(error: unknown, kind: Kind, { name, advice }: ArtifactPlace): AppError {
  if (error instanceof AppError) return error;
  const reason = reasonOf(error);
  switch (kind) {
    case 'refused': return new AppError('artifacts_refused', `the artifact store ${name} refuses: ${reason}. ${advice}`, { cause: error });
    case 'full': return new AppError('artifacts_full', `the artifact store ${name} is full: ${reason}. Make room, or shorten DATAMCP_RETENTION_ARTIFACTS_DAYS`, { retryable: true, cause: error });
    case 'missing': return new AppError('not_found', `the content of the artifact is not in ${name} any more; rerun the task that made it`, { cause: error });
    case 'failed': return new AppError('artifacts_unavailable', `the artifact store ${name} does not answer as it should: ${reason}`, { retryable: true, cause: error });
  }
}

/** Bytes that are not those that their name says. Read again they may be, when the fault was on the way. */
export const damaged = (sha256: string, place: ArtifactPlace): AppError =>
  new AppError('artifacts_unavailable', `the bytes of ${sha256} that came from ${place.name} are not those that were saved; if this goes on, remove that object and rerun the task that made it`, { retryable: true });

/** Whether the S3 client gave up waiting: for a connection, for an answer, or for the next byte. */
export const isTimeout = (error: unknown): boolean => textOf(error, 'name') === 'TimeoutError';

function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  if (isTimeout(error)) return 'nothing came from it in time';
  const name = textOf(error, 'name');
  return [name === 'Error' || name === 'UnknownError' ? '' : name, error.message || textOf(error, 'code')].filter(Boolean).join(': ');
}

const textOf = (error: unknown, field: 'code' | 'name'): string => {
  if (!isNativeError(error)) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
};

function statusOf(error: unknown): number {
  const metadata: unknown = isNativeError(error) ? Reflect.get(error, '$metadata') : undefined;
  const status: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' ? status : 0;
}
