import type { Readable } from 'node:stream';

/** What the bytes of an artifact are known by. */
export interface ArtifactContent {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Byte positions, both included; what is left out is the first or the last one. */
export interface ByteRange {
  start?: number;
  end?: number;
}

/**
 * Where the bytes of artifacts are kept, each under its hash: equal bytes once, and nobody ever sees half of them.
 * Whatever is done may be done again.
 *
 * All methods throw AppError: `artifacts_refused` (credentials, bucket, rights: an operator must act); retryable:
 * `artifacts_full`, `artifacts_unavailable`; `not_found` for bytes that are gone.
 */
export interface ArtifactContents {
  /** Keeps the bytes of a file of this machine, durably. May take the file away. */
  put(file: string, content: ArtifactContent, signal?: AbortSignal): Promise<void>;
  /** The bytes, or some of them. What fails while they are read is an error of the stream; the signal is for the time before. */
  open(sha256: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable>;
  /** @returns undefined when it does not have them */
  stat(sha256: string): Promise<{ bytes: number } | undefined>;
  /** Nothing happens when it does not have them. */
  remove(sha256: string): Promise<void>;
  /**
   * A path under which the bytes can be read, and only read.
   * @param scratch gives a folder for those that are elsewhere; the path lasts as long as that
   */
  localPath(content: ArtifactContent, scratch: () => Promise<string>, signal?: AbortSignal): Promise<string>;
  /** Finds out whether it can be reached. @returns bytes of room that it has; null when nobody can say, as of a bucket */
  check(signal?: AbortSignal): Promise<{ freeBytes: number | null }>;
}
