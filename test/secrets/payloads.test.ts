import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { dataConverterOf, payloadCodec } from '../../platform/payload-codec';
import { cancelSignal, pauseUpdate, pipelineRunType, runWorkflowId } from '../../workflows/pipeline/contract';
import { problemOf } from '../api/problem';
import { TestApi } from '../api/test-api';
import { workflowBundle } from '../harness/bundle';
import { signalRaw } from '../harness/raw-signal';
import { RunStage } from '../runs/run-stage';
import { leaksIn, planted } from './leak-search';

jest.setTimeout(120_000);
const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const uiUrl = 'http://127.0.0.1:8233';

let stage: RunStage;
let api: TestApi;
beforeAll(async () => {
  [stage, api] = await Promise.all([RunStage.open({ DATAMCP_PAYLOAD_KEYS: newer }), TestApi.start({ DATAMCP_PAYLOAD_KEYS: `${newer},${older}`, TEMPORAL_UI_URL: uiUrl })]);
});
afterAll(() => Promise.all([stage.close(), api.close()]));

// Here the word stands for what a company does not want a server of others to know: it is no secret that is masked.
const child = `
name: private-child
inputs: { word: { type: string } }
tasks: [{ id: inner, uses: core.set, with: { value: "\${{ inputs.word }}" } }]
outputs: { word: "\${{ tasks.inner.output.value }}" }
`;
const parent = `
name: private
inputs: { word: { type: string } }
defaults: { retry: { maxAttempts: 1 } }
tasks:
  - { id: activity, uses: core.sleep, with: { milliseconds: 1 } }
  - { id: quick, uses: core.log, with: { message: "\${{ inputs.word }}" } }
  - { id: set, uses: core.set, with: { value: "\${{ inputs.word }}" } }
  - { id: child, needs: [set], uses: pipeline.run, with: { pipeline: private-child, inputs: { word: "\${{ tasks.set.output.value }}" } } }
  - { id: pause, uses: core.wait, with: { duration: 50ms } }
  - { id: failed, needs: [child, pause], uses: core.fail, with: { message: "it was \${{ inputs.word }}" } }
`;

async function historyOf(workflowId: string): Promise<string> {
  const handle = stage.client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  return historyToJSON(await handle.fetchHistory());
}

describe('a run whose payloads are encrypted', () => {
  let histories: { workflowId: string; text: string }[];
  beforeAll(async () => {
    await stage.apply(child);
    const plan = await stage.apply(parent);
    const id = await stage.start(plan, { word: planted });
    const run = await stage.final(id);
    expect(run).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('failed') } });
    const { rows } = await stage.database.pool.query<{ workflowId: string; outputs: unknown }>('select workflow_id as "workflowId", outputs from runs order by created_at');
    expect(rows.map(({ outputs }) => outputs)).toEqual([null, { word: planted }]);
    histories = await Promise.all(rows.map(async ({ workflowId }) => ({ workflowId, text: await historyOf(workflowId) })));
  });

  test('works, and nothing of it can be read in the histories of its workflows: inputs, results, failures, stacks', () => {
    expect(histories).toHaveLength(2);
    for (const { text } of histories) {
      expect(leaksIn(text)).toEqual([]);
      expect(text).toContain(Buffer.from('binary/encrypted').toString('base64'));
    }
    expect(histories.map(({ text }) => text).join()).toContain('"Encoded failure"');
  });

  test('replays with its keys, and not without them', async () => {
    const bundle = { workflowBundle: workflowBundle('encrypted') };
    for (const { workflowId, text } of histories) {
      await Worker.runReplayHistory({ ...bundle, ...dataConverterOf(stage.config) }, JSON.parse(text), workflowId);
    }
    const [first] = histories;
    await expect(Worker.runReplayHistory({ ...bundle, ...dataConverterOf({ DATAMCP_PAYLOAD_KEYS: [randomBytes(32)] }) }, JSON.parse(first?.text ?? ''), first?.workflowId)).rejects.toThrow('Replay failed');
  });

  test('refuses a signal that no key opens, and waits for a key that it lacks', async () => {
    const plan = await stage.apply('name: asked\ntasks: [ { id: hold, uses: core.wait, with: { duration: 1h } } ]');
    const id = await stage.start(plan);
    await stage.untilTask(id, 'hold', 'waiting');
    const workflowId = runWorkflowId(plan.name, id);
    const sealed = async (keys: Buffer<ArrayBuffer>[]) => (await payloadCodec({ DATAMCP_PAYLOAD_KEYS: keys }).encode([defaultPayloadConverter.toPayload({})]))[0] ?? {};
    const { metadata, data } = await sealed([Buffer.from(newer, 'base64')]);
    await signalRaw(stage.client, workflowId, cancelSignal, { metadata, data: data?.slice(1) });
    await signalRaw(stage.client, workflowId, cancelSignal, { metadata: { encoding: Buffer.from('binary/encrypted') }, data });
    expect(await stage.update(plan, id, pauseUpdate, {})).toMatchObject({ result: { status: 'paused' } });
    await signalRaw(stage.client, workflowId, cancelSignal, await sealed([Buffer.from(older, 'base64')]));
    await stage.stopWorker();
    Object.assign(stage.config, { DATAMCP_PAYLOAD_KEYS: [newer, older].map((key) => Buffer.from(key, 'base64')) });
    await stage.startWorker();
    expect((await stage.final(id)).status).toBe('cancelled');
    const refused = (await stage.events(id)).filter(({ type }) => type === 'run.signal_refused').map(({ data: { reason } }) => reason);
    expect(refused).toEqual([expect.stringContaining('decryption_failed'), expect.stringContaining('key_missing')]);
  });

  test('can be read through the codec endpoint, as the Temporal UI does', async () => {
    const { events } = JSON.parse(histories[0]?.text ?? '') as { events: { workflowExecutionStartedEventAttributes?: { input: object; workflowType: { name: string } } }[] };
    const started = events[0]?.workflowExecutionStartedEventAttributes;
    expect(started?.workflowType.name).toBe(pipelineRunType);
    const decoded = await api.call('POST', '/codec/decode', { body: started?.input, key: await api.keyWith('operator') });
    expect(decoded.status).toBe(200);
    expect(leaksIn(decoded.text)).not.toEqual([]);
  });
});

describe('the codec endpoint', () => {
  const plain = { payloads: [{ metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: Buffer.from(`"${planted}"`).toString('base64') }] };
  const encode = async () => (await api.call('POST', '/codec/encode', { body: plain })).body;
  const decode = (body: unknown, options: object = {}) => api.call('POST', '/codec/decode', { body, ...options });

  test('encrypts and decrypts', async () => {
    const encoded = await encode();
    expect(leaksIn(JSON.stringify(encoded))).toEqual([]);
    expect((await decode(encoded)).body).toEqual(plain);
  });

  test('is for operators: 401 without a key, 403 without the role', async () => {
    const encoded = await encode();
    expect((await decode(encoded, { key: null })).status).toBe(401);
    for (const role of ['viewer', 'author', 'approver', 'agent']) expect((await decode(encoded, { key: await api.keyWith(role) })).status).toBe(403);
  });

  test.each([
    ['what is altered', { data: Buffer.alloc(60).toString('base64') }, 'decryption_failed'],
    ['what another key encrypted', { metadata: { encoding: Buffer.from('binary/encrypted').toString('base64'), 'encryption-key-id': Buffer.from('0123456789abcdef').toString('base64') } }, 'key_missing'],
    ['what is no base64', { data: '%' }, 'request.invalid'],
  ])('refuses %s', async (_what, change, code) => {
    const { payloads: [payload] } = await encode() as { payloads: object[] };
    expect(problemOf(await decode({ payloads: [{ ...payload, ...change }] }))).toMatchObject({ status: 422, code });
  });

  describe('from the page of the Temporal UI', () => {
    const fromUi = (headers: Record<string, string>) => ({ key: null, headers: { origin: uiUrl, 'content-type': 'application/json', ...headers } });
    const signIn = async (key: string) => (await api.call('GET', '/codec/session', { key })).headers.get('set-cookie') ?? '';
    const cookieOf = (setCookie: string): string => setCookie.split(';')[0] ?? '';

    test('is allowed by CORS to that origin alone', async () => {
      const asked = (origin: string) => api.fetch('OPTIONS', '/codec/decode', { key: null, headers: { origin, 'access-control-request-method': 'POST' } });
      const allowed = await asked(uiUrl);
      expect([allowed.status, allowed.headers.get('access-control-allow-origin'), allowed.headers.get('access-control-allow-credentials')]).toEqual([204, uiUrl, 'true']);
      const other = await asked('http://evil.test');
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([401, null]);
    });

    test('works with the cookie of a session, which no script and no other path sees', async () => {
      const setCookie = await signIn(await api.keyWith('operator'));
      expect(setCookie).toMatch(/^datamcp_codec=\w+\.[\w-]+; Path=\/codec; HttpOnly; SameSite=Strict; Max-Age=28800$/);
      const cookie = cookieOf(setCookie);
      expect((await decode(await encode(), fromUi({ cookie }))).body).toEqual(plain);
      expect((await api.call('GET', '/v1/me', fromUi({ cookie }))).status).toBe(401);
    });

    test.each([
      ['another site', (cookie: string) => ({ origin: 'http://evil.test', cookie })],
      ['no origin', (cookie: string) => ({ origin: '', cookie })],
      ['an altered cookie', (cookie: string) => ({ cookie: `${cookie.slice(0, -4)}AAAA` })],
      ['no cookie', () => ({})],
    ])('refuses %s', async (_what, headers) => {
      const cookie = cookieOf(await signIn(api.adminKey));
      expect((await decode(await encode(), fromUi(headers(cookie)))).status).toBe(401);
    });

    test('ends with its key, and opens no more than its role', async () => {
      const viewer = await api.keyWith('viewer');
      expect((await api.call('GET', '/codec/session', { key: viewer })).status).toBe(403);
      const key = await api.keyWith('operator');
      const cookie = cookieOf(await signIn(key));
      await api.database.pool.query("update keys set revoked_at = now() where prefix = $1", [key.slice(0, 12)]);
      expect((await decode(await encode(), fromUi({ cookie }))).status).toBe(401);
    });
  });

  test('is not there while payloads are not encrypted', async () => {
    const keys = api.deps.config.DATAMCP_PAYLOAD_KEYS;
    api.deps.config.DATAMCP_PAYLOAD_KEYS = [];
    const answer = await decode(plain).finally(() => { api.deps.config.DATAMCP_PAYLOAD_KEYS = keys; });
    expect(problemOf(answer)).toMatchObject({ status: 404, detail: expect.stringContaining('DATAMCP_PAYLOAD_KEYS') });
  });
});
