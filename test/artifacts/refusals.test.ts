import { execFileSync } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ArtifactBucket } from '../../platform/artifact-bucket';
import { ArtifactCache } from '../../platform/artifact-cache';
import { loadConfig } from '../../platform/config';
import { withDuckdb } from '../../platform/duckdb';
import { bucketSettings, credentials, emptyFolder, putText, S3Server, storeOf, testFolder } from './stores';

const mounted: string[] = [];
const servers: Server[] = [];
let s3: S3Server;
beforeAll(async () => { s3 = await S3Server.start(); });
afterAll(async () => {
  for (const folder of mounted) execFileSync('umount', [folder]);
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); })));
  await s3.close();
});

/** A far end that speaks S3 and always has the same to say; what a small server cannot be brought to, a full disk say. */
async function saying(answer: (response: ServerResponse) => void): Promise<Record<string, string>> {
  const server = createServer((request, response) => { request.resume().once('end', () => answer(response)); });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { ...(await bucketSettings(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)), ...credentials };
}

const s3Error = (status: number, code: string) => (response: ServerResponse): void => {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>so says the store</Message></Error>`);
};

describe('a bucket that refuses says why and what to do', () => {
  test('with a wrong secret or an unknown key', async () => {
    const wrongs: Record<string, string>[] = [{ DATAMCP_ARTIFACTS_SECRET_KEY: 'another-secret' }, { DATAMCP_ARTIFACTS_KEY_ID: 'nobody' }];
    for (const wrong of wrongs) {
      const files = storeOf({ ...(await s3.settings()), ...wrong });
      const refused = { code: 'artifacts_refused', retryable: false, message: expect.stringMatching(/s3:\/\/artifacts\/.*DATAMCP_ARTIFACTS_SECRET_KEY/s) };
      await expect(putText(files, 'x')).rejects.toMatchObject(refused);
      await expect(files.contents.open('0'.repeat(64))).rejects.toMatchObject(refused);
      await expect(files.contents.check()).rejects.toMatchObject(refused);
      await expect(putText(files, 'x')).rejects.not.toMatchObject({ message: expect.stringContaining('another-secret') });
    }
  });

  test('when there is no such bucket', async () => {
    const files = storeOf({ ...(await bucketSettings(s3.url, 'no-such-bucket')), ...credentials });
    await expect(putText(files, 'x')).rejects.toMatchObject({ code: 'artifacts_refused', retryable: false, message: expect.stringContaining('NoSuchBucket') });
    await expect(files.contents.open('0'.repeat(64))).rejects.toMatchObject({ code: 'artifacts_refused' });
  });

  test.each([
    ['a quota', 403, 'QuotaExceeded', 'artifacts_full', true],
    ['a full disk', 507, 'InsufficientStorage', 'artifacts_full', true],
    ['no right to write', 403, 'AccessDenied', 'artifacts_refused', false],
    ['too many requests', 503, 'SlowDown', 'artifacts_unavailable', true],
    ['a fault of its own', 500, 'InternalError', 'artifacts_unavailable', true],
    ['a clock that is wrong', 403, 'RequestTimeTooSkewed', 'artifacts_unavailable', true],
  ])('%s', async (_what, status, s3Code, code, retryable) => {
    const files = storeOf(await saying(s3Error(status, s3Code)));
    await expect(putText(files, 'x')).rejects.toMatchObject({ code, retryable });
  });

  test('nobody answers', async () => {
    const files = storeOf({ ...(await bucketSettings('http://127.0.0.1:1')), ...credentials });
    await expect(putText(files, 'x')).rejects.toMatchObject({ code: 'artifacts_unavailable', retryable: true, message: expect.stringContaining('ECONNREFUSED') });
  });

  test('an upload that is stopped ends at once with the reason of the stop', async () => {
    const files = storeOf(await saying(() => undefined));
    const { file, ...content } = await files.receive('x');
    const stop = new AbortController();
    const putting = files.contents.put(file, content, stop.signal);
    setTimeout(() => stop.abort(new Error('told to stop')), 50);
    await expect(putting).rejects.toThrow('told to stop');
  });

  test('a content that does not come is not waited for by who is stopped', async () => {
    const { contents } = storeOf(await saying(() => undefined));
    const content = { sha256: '0'.repeat(64), bytes: 1 };
    for (const read of [(signal: AbortSignal) => contents.open(content.sha256, undefined, signal), (signal: AbortSignal) => contents.localPath(content, emptyFolder, signal), (signal: AbortSignal) => contents.check(signal)]) {
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('told to stop')), 50);
      await expect(read(stop.signal)).rejects.toThrow('told to stop');
    }
  });

  test('a content that breaks off is an error of its reader', async () => {
    const files = storeOf(await saying((response) => { response.writeHead(200, { 'content-length': '10' }).write('half'); setTimeout(() => response.destroy(), 20); }));
    await expect(files.contents.open('0'.repeat(64)).then(text)).rejects.toMatchObject({ code: 'artifacts_unavailable', retryable: true });
  });
});

describe('a bucket that hangs', () => {
  /** Saves with little patience. @returns what the store was asked, when the save is over */
  async function save(patience: { answerMs: number; idleMs: number }, answer: (response: ServerResponse) => void): Promise<{ saved: PromiseSettledResult<void>; asked: string[] }> {
    const asked: string[] = [];
    const settings = await saying((response) => {
      asked.push(response.req.method ?? '');
      answer(response);
    });
    const { DATAMCP_ARTIFACTS: location, DATAMCP_ARTIFACTS_CACHE_DIR: folder } = loadConfig({ DATABASE_URL: 'postgresql://unused', TEMPORAL_ADDRESS: 'unused:0', ...settings });
    if (location.kind !== 'bucket') throw new Error('not a bucket');
    const { file, ...content } = await storeOf(settings).receive('x');
    const bucket = new ArtifactBucket(location, { accessKeyId: 'x', secretAccessKey: 'x' }, new ArtifactCache(folder, 1), patience);
    const [saved] = await Promise.allSettled([bucket.put(file, content)]);
    return { saved, asked };
  }
  const unavailable = { status: 'rejected', reason: expect.objectContaining({ code: 'artifacts_unavailable', retryable: true, message: expect.stringContaining('nothing came from it in time') }) };

  test('is asked once: the save ends with the time of one answer', async () => {
    expect(await save({ answerMs: 50, idleMs: 60_000 }, () => undefined)).toEqual({ saved: unavailable, asked: ['HEAD'] });
  });

  test('in the middle of an upload is given up once nothing moves', async () => {
    const { saved, asked } = await save({ answerMs: 60_000, idleMs: 50 }, (response) => { if (response.req.method === 'HEAD') response.writeHead(404).end(); });
    expect({ saved, asked }).toEqual({ saved: unavailable, asked: ['HEAD', 'PUT'] });
  });

  test('no longer than it may has its content: an upload takes more time than an answer', async () => {
    const { saved, asked } = await save({ answerMs: 100, idleMs: 60_000 }, (response) => {
      setTimeout(() => response.writeHead(response.req.method === 'HEAD' ? 404 : 200).end(), response.req.method === 'HEAD' ? 0 : 200);
    });
    expect({ saved, asked }).toEqual({ saved: { status: 'fulfilled' }, asked: ['HEAD', 'PUT'] });
  });
});

const canMount = (): boolean => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
};
const withMounts = canMount() ? test : test.skip;

function mountTmpfs(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  mounted.push(folder);
}

describe('a folder that refuses says why and what to do', () => {
  withMounts('when its disk is full: nothing half-made stays, and there is room for less (needs the right to mount)', async () => {
    const folder = await emptyFolder();
    mountTmpfs(folder);
    const files = storeOf({ DATAMCP_ARTIFACTS: folder });
    await expect(putText(files, 'x'.repeat(2_000_000))).rejects.toMatchObject({ code: 'artifacts_full', retryable: true, message: expect.stringContaining('ENOSPC') });
    expect(readdirSync(join(folder, 'work'))).toEqual([]);
    const saving = withDuckdb({ sources: [], folders: [], scratch: folder, memoryMb: 64, signal: new AbortController().signal },
      (duckdb) => duckdb.save('select random() as n from range(500000)', [], join(folder, 'rows.parquet'), 'parquet'));
    await expect(saving).rejects.toMatchObject({ code: 'artifacts_full', retryable: true, message: expect.stringContaining('No space left') });
    rmSync(join(folder, 'rows.parquet'), { force: true });
    const { sha256 } = await putText(files, 'x'.repeat(100_000));
    expect(await files.contents.stat(sha256)).toEqual({ bytes: 100_000 });
  });

  withMounts('when it can only be read: what it has is still read (needs the right to mount)', async () => {
    const folder = await emptyFolder();
    mountTmpfs(folder);
    const files = storeOf({ DATAMCP_ARTIFACTS: folder });
    const { sha256 } = await putText(files, 'read me');
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const refused = { code: 'artifacts_refused', retryable: false, message: expect.stringContaining('must be able to write') };
    await expect(putText(files, 'x')).rejects.toMatchObject(refused);
    await expect(files.makeScratch()).rejects.toMatchObject(refused);
    await expect(files.contents.check()).rejects.toMatchObject({ code: 'artifacts_refused' });
    expect(await text(await files.contents.open(sha256))).toBe('read me');
  });

  test('when it is no folder', async () => {
    const file = join(await testFolder('file'), 'a-file');
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    await expect(putText(storeOf({ DATAMCP_ARTIFACTS: file }), 'x')).rejects.toMatchObject({ code: 'artifacts_refused', retryable: false });
  });

  test('when a content in it was cut', async () => {
    const folder = await testFolder('cut');
    const files = storeOf({ DATAMCP_ARTIFACTS: folder });
    const content = await putText(files, 'whole');
    await expect(files.contents.localPath({ ...content, bytes: 7 }, () => files.makeScratch())).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('5 bytes instead of 7') });
  });
});

describe('a wrong setting stops the start', () => {
  const refused = (DATAMCP_ARTIFACTS: string, more = {}): string => {
    try {
      loadConfig({ DATABASE_URL: 'postgresql://x', TEMPORAL_ADDRESS: 'x:1', DATAMCP_ARTIFACTS, ...more });
      return 'accepted';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  test.each([
    ['ftp://x/y', 'is a folder (file:///…) or a bucket'],
    ['file://relative/x', 'three slashes'],
    ['s3://Bad_Bucket/x', 'names no bucket'],
    ['s3:///x', 'names no bucket'],
    ['s3://key:secret@bucket', 'credentials'],
    ['s3://bucket?endpint=http://x', 'unknown setting "endpint"'],
    ['s3://bucket?endpoint=127.0.0.1:9000', '`endpoint` is http://'],
    ['s3://bucket?pathStyle=yes', '`pathStyle` is true or false'],
  ])('%s', (setting, message) => { expect(refused(setting)).toContain(message); });
  test('a key without its secret', () => {
    expect(refused('s3://bucket', { DATAMCP_ARTIFACTS_KEY_ID: 'x' })).toContain('together with DATAMCP_ARTIFACTS_SECRET_KEY');
    expect(refused('s3://bucket/deep/prefix?region=eu-central-1')).toBe('accepted');
  });
});
