import type { ArtifactRef } from '../../domain/artifact';
import { v7 as uuidv7 } from 'uuid';
import { ArtifactStore } from '../../platform/artifacts';
import { TestApi } from '../api/test-api';
import { bucketSettings, credentials, S3Server, storeOf } from './stores';

let s3: S3Server;
let api: TestApi;
beforeAll(async () => {
  s3 = await S3Server.start();
  api = await TestApi.start(await s3.settings());
});
afterAll(async () => {
  await api.close();
  await s3.close();
});

async function save(content: string): Promise<ArtifactRef & { id: string }> {
  const store = new ArtifactStore(api.deps.files, api.deps.artifacts, { runId: uuidv7(), task: 't', instance: null });
  const ref = await store.save('digits.txt', 'text/plain', content);
  return { ...ref, id: ref.uri.replace('artifact://', '') };
}
const read = (id: string, headers: Record<string, string> = {}, method = 'GET') => api.call(method, `/v1/artifacts/${id}`, { headers });

/** Lets the API work with another store for a while. */
async function withStore<T>(settings: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const { files } = api.deps;
  api.deps.files = storeOf(settings);
  try {
    return await work();
  } finally {
    api.deps.files = files;
  }
}

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=0-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=0-1,4-5', 200, '0123456789', null],
  ['lines=1-2', 200, '0123456789', null],
])('an artifact in a bucket is read by the range %s', async (range, status, text, contentRange) => {
  const { id } = await save('0123456789');
  const part = await read(id, { range });
  expect([part.status, part.text, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([status, text, contentRange, String(text.length)]);
});

test('a range beyond its end is refused, and one of another content gets the whole', async () => {
  const { id, sha256 } = await save('0123456789');
  expect(await read(id, { range: 'bytes=20-' })).toMatchObject({ status: 416, body: { code: 'range_not_satisfiable', bytes: 10 } });
  expect((await read(id, { range: 'bytes=2-4', 'if-range': `"${sha256}"` })).text).toBe('234');
  expect((await read(id, { range: 'bytes=2-4', 'if-range': '"another"' })).text).toBe('0123456789');
});

test('HEAD tells of it without its bytes, and who has it already gets none', async () => {
  const { id, sha256 } = await save('0123456789');
  const head = await read(id, {}, 'HEAD');
  expect([head.status, head.text, head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual([200, '', '10', 'bytes']);
  expect((await read(id, { 'if-none-match': `"${sha256}"`, 'cache-control': 'max-age=0' })).status).toBe(304);
});

test('a content that has vanished is a 404 that says what to do', async () => {
  const { id, sha256 } = await save('to vanish');
  await api.deps.files.contents.remove(sha256);
  expect(await read(id)).toMatchObject({ status: 404, body: { code: 'not_found', detail: expect.stringContaining('rerun the task') } });
});

test('a store that is away is a 503 to try again, one that refuses a 502 that names what an operator must do; /health shows both', async () => {
  const { id } = await save('unreachable');
  await withStore({ ...(await bucketSettings('http://127.0.0.1:1')), ...credentials }, async () => {
    const away = await read(id);
    expect([away.status, away.body['code'], away.headers.get('retry-after')]).toEqual([503, 'artifacts_unavailable', '2']);
  });
  await withStore({ ...(await s3.settings()), DATAMCP_ARTIFACTS_SECRET_KEY: 'not-the-right-one' }, async () => {
    expect(await read(id)).toMatchObject({ status: 502, body: { code: 'artifacts_refused', detail: expect.stringContaining('DATAMCP_ARTIFACTS_SECRET_KEY') } });
    const { body } = await api.call('GET', '/health');
    expect(body).toMatchObject({ components: { artifacts: { status: 'degraded', detail: expect.stringContaining('refuses') } } });
  });
  const { body } = await api.call('GET', '/health');
  expect(body).toMatchObject({ components: { artifacts: { status: 'healthy' } } });
});
