import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type * as Sdk from '@aws-sdk/client-s3';
import { bulkhead, ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { AppError } from '../domain/errors';
import type { ArtifactCache } from './artifact-cache';
import type { ArtifactContent, ArtifactContents, ByteRange } from './artifact-contents';
import { bucketError, damaged, folderError, isTimeout, type ArtifactPlace } from './artifact-errors';
import type { ArtifactLocation } from './artifact-location';
import { checkedStream } from './artifact-stream';

export type BucketLocation = Extract<ArtifactLocation, { kind: 'bucket' }>;
/** Without them AWS's usual chain finds some: environment, profile, role of the machine. */
export type BucketCredentials = { accessKeyId: string; secretAccessKey: string } | undefined;

interface Connected { sdk: typeof Sdk; client: Sdk.S3Client }
/** What the client takes with each request. */
interface RequestBounds { requestTimeout: number; abortSignal?: AbortSignal }

/** Milliseconds. */
interface Patience {
  /** For the head of an answer to anything but an upload, which takes as long as its bytes move. */
  answerMs: number;
  /** On a connection on which nothing moves. */
  idleMs: number;
}

const connectTimeoutMs = 5_000;
const usualPatience: Patience = { answerMs: 10_000, idleMs: 30_000 };
/** Requests that wait for their answer at a time; bodies that are being read come on top. */
const requestsAtOnce = 64;
const connections = 1_024;
/** Else it writes to the console of a process whose log is JSON; all that goes wrong is thrown as well. */
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** What S3 takes in one request. */
const largestContent = 5 * 1024 ** 3;

/**
 * What failed at once may succeed at once. Who gave no answer in time is left to the retry of the task: asked again here,
 * a store that hangs would be noticed minutes later.
 */
const repeated = retry(handleWhen((error) => error instanceof AppError && error.code === 'artifacts_unavailable' && !isTimeout(error.cause)), {
  maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 2_000 }),
});

/** Contents in a bucket of S3, or of a store that speaks its protocol. */
export class ArtifactBucket implements ArtifactContents {
  private readonly place: ArtifactPlace;
  private readonly requests = bulkhead(requestsAtOnce, Infinity);
  private connected: Promise<Connected> | undefined;

  constructor(
    private readonly location: BucketLocation, private readonly credentials: BucketCredentials, private readonly cache: ArtifactCache,
    private readonly patience = usualPatience,
  ) {
    const { bucket, prefix, endpoint } = location;
    this.place = {
      name: `s3://${[bucket, prefix].filter(Boolean).join('/')}${endpoint === undefined ? '' : ` at ${endpoint}`}`,
      advice: 'The bucket must exist, and its credentials (DATAMCP_ARTIFACTS_KEY_ID and DATAMCP_ARTIFACTS_SECRET_KEY, or AWS\'s usual chain) must be allowed to list it and to get, put and delete its objects',
    };
  }

  /** An object is visible once it is whole, and its hash travels with it for the store to check. */
  async put(file: string, content: ArtifactContent, signal?: AbortSignal): Promise<void> {
    if (content.bytes > largestContent) {
      throw new AppError('input_too_large', `the artifact has ${content.bytes} bytes; a bucket takes ${largestContent} in one piece. Save it in parts`);
    }
    if (await this.holds(content, signal)) return;
    await this.call(({ sdk, client }) => client.send(new sdk.PutObjectCommand({
      ...this.object(content.sha256), Body: createReadStream(file), ContentLength: content.bytes,
      ChecksumSHA256: Buffer.from(content.sha256, 'hex').toString('base64'),
    }), { ...(signal && { abortSignal: signal }) }), signal);
  }

  async open(sha256: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable> {
    const { Body: body } = await this.call(({ sdk, client }, bounds) => client.send(new sdk.GetObjectCommand({
      ...this.object(sha256), ...(range && { Range: `bytes=${range.start ?? 0}-${range.end ?? ''}` }),
    }), bounds), signal);
    if (!(body instanceof Readable)) throw new AppError('artifacts_unavailable', `the artifact store ${this.place.name} sent no body`, { retryable: true });
    return checkedStream(body, {
      ...(!range && { sha256 }),
      damaged: () => damaged(sha256, this.place),
      explain: (error) => bucketError(error, this.place),
    });
  }

  async stat(sha256: string, signal?: AbortSignal): Promise<{ bytes: number } | undefined> {
    try {
      const { ContentLength: bytes = 0 } = await this.call(({ sdk, client }, bounds) => client.send(new sdk.HeadObjectCommand(this.object(sha256)), bounds), signal);
      return { bytes };
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  async remove(sha256: string): Promise<void> {
    await this.call(({ sdk, client }, bounds) => client.send(new sdk.DeleteObjectCommand(this.object(sha256)), bounds));
  }

  async localPath(content: ArtifactContent, scratch: () => Promise<string>, signal?: AbortSignal): Promise<string> {
    try {
      return await this.cache.provide(content, await scratch(), async (file) => {
        await pipeline(await this.open(content.sha256, undefined, signal), createWriteStream(file), { ...(signal && { signal }) });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw folderError(error, { name: 'cache of this worker', advice: 'DATAMCP_ARTIFACTS_CACHE_DIR must be a folder that it can write' });
    }
  }

  async check(signal?: AbortSignal): Promise<{ freeBytes: null }> {
    try {
      // What nobody has saved: a bucket that says so is there, and lets these credentials read.
      (await this.open('check', undefined, signal)).destroy();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    }
    return { freeBytes: null };
  }

  /** A refusal says nothing here: without the right to list, S3 refuses to tell of what is not there. */
  private async holds({ sha256, bytes }: ArtifactContent, signal?: AbortSignal): Promise<boolean> {
    const found = await this.stat(sha256, signal).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'artifacts_refused') throw error;
      return undefined;
    });
    return found?.bytes === bytes;
  }

  private object(sha256: string): { Bucket: string; Key: string } {
    return { Bucket: this.location.bucket, Key: [this.location.prefix, sha256.slice(0, 2), sha256].filter(Boolean).join('/') };
  }

  private call<T>(ask: (connected: Connected, bounds: RequestBounds) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const bounds = { requestTimeout: this.patience.answerMs, ...(signal && { abortSignal: signal }) };
    return repeated.execute(async () => {
      try {
        const connected = await (this.connected ??= this.connect());
        return await this.requests.execute(() => ask(connected, bounds));
      } catch (error) {
        signal?.throwIfAborted();
        throw bucketError(error, this.place);
      }
    }, signal);
  }

  /** The SDK is loaded with the first call: who keeps artifacts in a folder pays neither its memory nor its time. */
  private async connect(): Promise<Connected> {
    const sdk = await import('@aws-sdk/client-s3');
    const { endpoint, pathStyle } = this.location;
    const region = this.location.region ?? (endpoint === undefined ? undefined : 'us-east-1');
    const config: Sdk.S3ClientConfig = {
      logger: silent,
      forcePathStyle: pathStyle,
      // It cannot send a stream again; `repeated` repeats all requests alike.
      maxAttempts: 1,
      // Our own hash goes with every object; the ones that the SDK adds are refused by many compatible stores.
      requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectTimeoutMs, socketTimeout: this.patience.idleMs, throwOnRequestTimeout: true,
        httpAgent: { maxSockets: connections }, httpsAgent: { maxSockets: connections },
      },
      ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }),
      ...(this.credentials && { credentials: this.credentials }),
    };
    return { sdk, client: new sdk.S3Client(config) };
  }
}
