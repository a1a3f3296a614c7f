import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ArtifactTable } from '../../db/artifacts';
import { artifactFiles } from '../../platform/artifact-files';
import { Workbench, abortAfter } from './workbench';
import { matching } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(async () => { await bench.close(); });

const helloSha = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('the artifact store', () => {
  it.each<[string, () => string | Buffer | Readable]>([
    ['text', () => 'hello'], ['bytes', () => Buffer.from('hello')], ['a stream', () => Readable.from(['hel', 'lo'])],
  ])('keeps %s and gives it back', async (_what, source) => {
    const store = bench.artifacts({});
    const ref = await store.save('a.txt', 'text/plain', source());
    expect(ref).toEqual({ name: 'a.txt', uri: matching(/^artifact:\/\/[0-9a-f-]{36}$/), bytes: 5, sha256: helloSha, contentType: 'text/plain' });
    expect(await text(await store.open(ref))).toBe('hello');
  });

  it('keeps a copy of a file, which can only be read', async () => {
    const store = bench.artifacts({});
    const file = join(await store.scratch(), 'a.txt');
    await writeFile(file, 'hello');
    const ref = await store.save('a.txt', 'text/plain', { file });
    await store.close();
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    const path = await bench.artifacts({}).localPath(ref);
    expect((await stat(path)).mode & 0o222).toBe(0);
  });

  it('replaces what the same task saves under the same name, and keeps apart what others do', async () => {
    const task = { run: randomUUID(), task: 'a' };
    const first = await bench.artifacts(task).save('x.txt', 'text/plain', 'one');
    const second = await bench.artifacts(task).save('x.txt', 'text/plain', 'two');
    const instance = await bench.artifacts({ ...task, instance: 0 }).save('x.txt', 'text/plain', 'three');
    expect(second.uri).toBe(first.uri);
    expect(instance.uri).not.toBe(first.uri);
    expect(await text(await bench.artifacts({}).open(first))).toBe('two');
    const listed = await new ArtifactTable(bench.database.pool).listByRun(task.run);
    expect(listed).toMatchObject([{ instance: null, name: 'x.txt', bytes: 3 }, { instance: 0 }]);
  });

  it.each(['../x', 'a/b', 'a\\b', '.hidden', '', ' x', 'a\0b', 'a\nb', 'a\u202eb', 'x'.repeat(201)])('refuses the name %j', async (name) => {
    await expect(bench.artifacts({}).save(name, 'text/plain', 'x')).rejects.toMatchObject({ code: 'input_invalid', retryable: false });
  });

  it.each(['artifact://00000000-0000-0000-0000-000000000000', 'artifact://../../x', 'file:///etc/hostname', ''])('finds nothing behind %j', async (uri) => {
    await expect(bench.artifacts({}).open({ uri })).rejects.toMatchObject({ code: 'not_found', retryable: false });
  });

  it('leaves nothing of a write that fails or is stopped', async () => {
    const store = bench.artifacts({});
    const broken = Readable.from((function* () { yield 'a'; throw new Error('torn'); })());
    await expect(store.save('a.txt', 'text/plain', broken)).rejects.toThrow('torn');
    const { signal } = abortAfter(50);
    await expect(store.save('a.txt', 'text/plain', new Readable({ read() {} }), signal)).rejects.toThrow();
    expect(await readdir(join(bench.artifactsFolder, 'work'))).toEqual([]);
  });

  it('removes what killed processes left, and nothing that is in use', async () => {
    const files = artifactFiles(bench.config);
    const old = join(bench.artifactsFolder, 'work', 'old');
    await mkdir(old, { recursive: true });
    await writeFile(join(old, 'spilled'), 'x');
    // As a program leaves it that protects what it has fetched; root would not notice.
    await chmod(old, 0o500);
    await utimes(old, 0, 0);
    const fresh = await files.makeScratch();
    expect(await files.removeLeftovers(60_000, new Date())).toBe(1);
    expect(await readdir(join(bench.artifactsFolder, 'work'))).toEqual([fresh.split('/').at(-1)]);
  });
});
