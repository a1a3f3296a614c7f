import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import type { ArtifactFiles } from '../../platform/artifact-files';
import { emptyFolder, putText, S3Server, storeOf, testFolder } from './stores';

let s3: S3Server;
beforeAll(async () => { s3 = await S3Server.start(); });
afterAll(() => s3.close());

/** Every file under a folder, to see what is there. */
const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);

describe.each(['folder', 'bucket'] as const)('contents in a %s', (kind) => {
  let files: ArtifactFiles;
  let settings: Record<string, string>;
  /** Where the store itself keeps its files. */
  let kept: string;
  let work: string;

  beforeAll(async () => {
    const folder = await testFolder('store');
    settings = kind === 'folder' ? { DATAMCP_ARTIFACTS: `file://${folder}` } : await s3.settings();
    kept = kind === 'folder' ? folder : s3.directory;
    work = join(kind === 'folder' ? folder : settings['DATAMCP_ARTIFACTS_CACHE_DIR'] ?? '', 'work');
    files = storeOf(settings);
  });

  test('are given back as they were, whole and in parts', async () => {
    const { sha256, bytes } = await putText(files, '0123456789');
    expect(await text(await files.contents.open(sha256))).toBe('0123456789');
    expect(await text(await files.contents.open(sha256, { start: 2, end: 4 }))).toBe('234');
    expect(await text(await files.contents.open(sha256, { start: 7 }))).toBe('789');
    expect(await files.contents.stat(sha256)).toEqual({ bytes });
    expect(await files.contents.check()).toEqual({ freeBytes: kind === 'folder' ? expect.any(Number) : null });
  });

  test('of many megabytes and of none at all are the same', async () => {
    const large = randomBytes(12 * 1024 ** 2);
    const { file, ...content } = await files.receive(Readable.from([large.subarray(0, 5_000_000), large.subarray(5_000_000)]));
    await files.contents.put(file, content);
    expect(content.sha256).toBe(createHash('sha256').update(large).digest('hex'));
    expect((await buffer(await files.contents.open(content.sha256))).equals(large)).toBe(true);
    const none = await putText(files, '');
    expect(await text(await files.contents.open(none.sha256))).toBe('');
  });

  test('that are equal are kept once, also when many save them at the same time and again later', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => putText(files, 'the same bytes')));
    const again = await putText(storeOf(settings), 'the same bytes');
    expect(new Set([...all, again].map(({ sha256 }) => sha256)).size).toBe(1);
    expect((await filesIn(kept)).filter((name) => name.startsWith(again.sha256) && !/metadata|md5/.test(name))).toHaveLength(1);
    expect(await text(await files.contents.open(again.sha256))).toBe('the same bytes');
  });

  test('are not there before they are whole', async () => {
    const whole = 'never seen in halves';
    const sha256 = createHash('sha256').update(whole).digest('hex');
    const slow = new PassThrough();
    slow.write('never seen ');
    const receiving = files.receive(slow);
    while ((await readdir(work).catch(() => [])).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await files.contents.stat(sha256)).toBeUndefined();
    slow.end('in halves');
    const { file, ...content } = await receiving;
    expect(await files.contents.stat(sha256)).toBeUndefined();
    await files.contents.put(file, content);
    expect(await files.contents.stat(sha256)).toEqual({ bytes: whole.length });
  });

  test('have a path that can only be read, and that lasts when the content is removed', async () => {
    const content = await putText(files, 'a,b\n1,2\n');
    const scratch = (): Promise<string> => files.makeScratch();
    const paths = await Promise.all([files.contents.localPath(content, scratch), files.contents.localPath(content, scratch)]);
    for (const path of paths) {
      expect(await readFile(path, 'utf8')).toBe('a,b\n1,2\n');
      expect((await stat(path)).mode & 0o222).toBe(0);
    }
  });

  test('that are removed are gone, which may be done twice', async () => {
    const content = await putText(files, 'to be removed');
    await files.contents.remove(content.sha256);
    await files.contents.remove(content.sha256);
    expect(await files.contents.stat(content.sha256)).toBeUndefined();
    const gone = { code: 'not_found', retryable: false, message: expect.stringContaining('rerun the task') };
    await expect(files.contents.open(content.sha256)).rejects.toMatchObject(gone);
    await expect(files.contents.localPath(content, () => files.makeScratch())).rejects.toMatchObject(gone);
    await putText(files, 'to be removed');
    expect(await text(await files.contents.open(content.sha256))).toBe('to be removed');
  });

  test('leave nothing behind when they cannot be read to their end', async () => {
    const before = await filesIn(work);
    const torn = Readable.from((function* () { yield 'a'; throw new Error('torn'); })());
    await expect(files.receive(torn)).rejects.toThrow('torn');
    await expect(files.receive({ file: '/does/not/exist' })).rejects.toThrow('ENOENT');
    const stopped = AbortSignal.timeout(30);
    await expect(files.receive(new Readable({ read() { /* never gives anything */ } }), stopped)).rejects.toThrow();
    expect(await filesIn(work)).toEqual(before);
  });
});

describe('the cache in front of a bucket', () => {
  test('reads a content from the bucket once, and goes without it', async () => {
    const settings = await s3.settings();
    const content = await putText(storeOf(settings), 'read once');
    const files = storeOf(settings);
    await Promise.all(Array.from({ length: 10 }, () => files.contents.localPath(content, () => files.makeScratch())));
    await files.contents.remove(content.sha256);
    const path = await files.contents.localPath(content, () => files.makeScratch());
    expect(await readFile(path, 'utf8')).toBe('read once');
  });

  test('keeps no more than it may, and takes nothing from under a reader', async () => {
    const settings: Record<string, string> = { ...(await s3.settings()), DATAMCP_ARTIFACTS_CACHE_MB: '1' };
    const files = storeOf(settings);
    const folder = await files.makeScratch();
    const scratch = (): Promise<string> => Promise.resolve(folder);
    const paths: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const content = await putText(files, String(n).repeat(300_000));
      paths.push(await files.contents.localPath(content, scratch));
    }
    expect((await Promise.all(paths.map((path) => readFile(path, 'utf8')))).map((content) => content[0])).toEqual(['0', '1', '2', '3', '4', '5']);
    const cache = settings['DATAMCP_ARTIFACTS_CACHE_DIR'] ?? '';
    const shards = (await readdir(cache)).filter((name) => name.length === 2);
    const kept = (await Promise.all(shards.map((shard) => filesIn(join(cache, shard))))).flat();
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThanOrEqual(3);
  });

  test('does not hand out what was damaged on this machine or in the bucket', async () => {
    const settings = await s3.settings();
    const files = storeOf(settings);
    const content = await putText(files, 'undamaged');
    const first = await files.contents.localPath(content, () => files.makeScratch());
    await truncate(first, 3);
    expect(await readFile(await files.contents.localPath(content, () => files.makeScratch()), 'utf8')).toBe('undamaged');
    const object = (await readdir(s3.directory, { recursive: true })).find((name) => name.includes(content.sha256) && name.endsWith('object'));
    await writeFile(join(s3.directory, object ?? 'none'), 'exchanged');
    await expect(text(await files.contents.open(content.sha256))).rejects.toMatchObject({ code: 'artifacts_unavailable', retryable: true });
    const fresh = storeOf({ ...settings, DATAMCP_ARTIFACTS_CACHE_DIR: await emptyFolder() });
    await expect(fresh.contents.localPath(content, () => fresh.makeScratch())).rejects.toMatchObject({ message: expect.stringContaining(content.sha256) });
  });
});

test('a stream that is compressed on its way is a source like any other', async () => {
  const files = storeOf(await s3.settings());
  const { bytes } = await files.receive(Readable.from(['x'.repeat(10_000)]).pipe(createGzip()));
  expect(bytes).toBeLessThan(1_000);
});
