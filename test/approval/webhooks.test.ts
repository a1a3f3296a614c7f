import { HttpClient } from '../../platform/http';
import { isGenuine, signatureHeaders, slackSignature } from '../../platform/http-signature';
import { Mailer } from '../../platform/mail';
import { makeLogger } from '../../platform/logger';
import { WorkerMetrics } from '../../platform/worker-metrics';
import { Notifier } from '../../workers/notifier';
import { eventually } from '../../devstack/processes';
import { Target, type Call } from '../processors/http-target';
import { PageStage } from './page-stage';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const slackSecret = '8f742231b10e8888abcd99yyyzzz85a5';
let target: Target;
let stage: PageStage;
let notifier: Notifier;
let failing = 0;

beforeAll(async () => {
  target = await Target.listen((path, response) => {
    if (path === '/ops' && failing > 0) {
      failing -= 1;
      response.writeHead(503).end('not now');
    } else if (path === '/gone') response.writeHead(410).end();
    else response.end('ok');
  });
  stage = await PageStage.open({
    DATAMCP_API_URL: 'https://datamcp.example', DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8', DATAMCP_SLACK_SIGNING_SECRET: slackSecret,
    DATAMCP_APPROVAL_WEBHOOKS: JSON.stringify([
      { name: 'ops', format: 'generic', url: `${target.url}/ops`, secret }, { name: 'gone', format: 'generic', url: `${target.url}/gone`, secret },
      { name: 'chat', format: 'slack', url: `${target.url}/chat`, users: { U1: 'ann', U2: 'BOB@example.org', U3: 'nobody' } },
    ]),
  });
  const { config, pool } = stage.api.deps;
  const logger = makeLogger('error', 'notifier-test');
  jest.spyOn(logger, 'error').mockReturnValue(logger);
  notifier = new Notifier(config, pool, { mailer: new Mailer(config), http: new HttpClient(config), metrics: new WorkerMetrics() }, logger);
  notifier.begin();
});
afterAll(async () => {
  await notifier.end();
  await stage.close();
  await target.close();
  jest.restoreAllMocks();
});

const callsOf = (path: string, id: string): Call[] => target.calls.filter((call) => call.path === path && call.body.includes(id));
/** Waits for the calls about a request at a path. */
const told = async (path: string, id: string, times: number): Promise<Call[]> =>
  await eventually(() => { const calls = callsOf(path, id); return calls.length >= times ? calls : undefined; }, 10_000) ?? callsOf(path, id);
const evidenceHashOf = async (id: string): Promise<string> => String((await stage.as('rita', 'GET', `/v1/approvals/${id}`)).body['evidenceHash']);
const votesOf = async (id: string): Promise<unknown> => (await stage.as('rita', 'GET', `/v1/approvals/${id}`)).body['votes'];

describe('programs that are told', () => {
  it('get each event once, signed, under an id that stays the same while it is tried again', async () => {
    failing = 1;
    const id = await stage.ask({ policy: { approvers: { users: ['ann'] } } });
    const [first, second] = await told('/ops', id, 2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    await stage.as('ann', 'POST', `/v1/approvals/${id}/decisions`, { decision: 'approve', comment: 'Fine.' });
    const calls = await told('/ops', id, 4);
    for (const { headers, body } of calls) {
      expect(isGenuine({ id: String(headers['webhook-id']), timestamp: String(headers['webhook-timestamp']), signature: String(headers['webhook-signature']), body }, secret, new Date())).toBe(true);
    }
    const events = calls.slice(1).map(({ body }) => JSON.parse(body)).sort((some, other) => some.data.seq - other.data.seq);
    expect(events.map(({ type }) => type)).toEqual(['approval.request', 'approval.voted', 'approval.decided']);
    expect(events[2]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { seq: 4, approval: { id, title: 'Publish the report of late flights?', requester: 'rita', status: 'approved', url: `https://datamcp.example/review/${id}` } },
    });
    // Where somebody was when they voted is nobody else's business.
    expect(calls.map(({ body }) => body).join()).not.toContain('"address"');
  });

  it('that refuse for good are given up, with the reason', async () => {
    const id = await stage.ask();
    const row = await eventually(async () => (await stage.api.database.pool.query(`select error from approval_notices where approval_id = $1 and channel = 'webhook/gone' and due_at is null`, [id])).rows[0], 10_000);
    expect(row?.error).toContain('answered 410');
    expect(callsOf('/gone', id)).toHaveLength(1);
  });
});

describe('Slack', () => {
  const press = (action: string, value: string, user: string, { at = Date.now(), key = slackSecret } = {}): { body: string; headers: Record<string, string> } => {
    const payload = { type: 'block_actions', user: { id: user, username: 'ann' }, actions: [{ action_id: action, value }], response_url: `${target.url}/response/${user}` };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = String(Math.floor(at / 1_000));
    return { body, headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': timestamp, 'x-slack-signature': slackSignature(timestamp, body, key) } };
  };
  const send = ({ body, headers }: { body: string; headers: Record<string, string> }): Promise<Response> => fetch(`${stage.api.url}/v1/hooks/approvals/chat`, { method: 'POST', body, headers });
  /** What those were told who pressed. */
  const answersTo = async (user: string, times: number): Promise<string[]> => {
    const calls = await eventually(() => { const all = target.calls.filter(({ path }) => path === `/response/${user}`); return all.length >= times ? all : undefined; }, 10_000);
    return (calls ?? []).map(({ body }) => String(JSON.parse(body).text));
  };
  const buttonsOf = (message: Call | undefined): { action_id: string; value?: string; url?: string }[] =>
    JSON.parse(message?.body ?? '{"blocks":[]}').blocks.flatMap((block: { elements?: { action_id?: string }[] }) => (block.elements ?? []).filter(({ action_id: name }) => name !== undefined));

  it('is told with buttons that decide and an address for people, and nothing in it mentions anybody', async () => {
    const id = await stage.ask({ title: 'Tell <!channel> & go?' });
    const [message] = await told('/chat', id, 1);
    expect(message?.body).toContain('Tell &lt;!channel&gt; &amp; go?');
    expect(buttonsOf(message)).toEqual([
      expect.objectContaining({ action_id: 'approve' }), expect.objectContaining({ action_id: 'reject' }), expect.objectContaining({ action_id: 'review', url: `https://datamcp.example/review/${id}` }),
    ]);
    expect(JSON.parse(buttonsOf(message)[0]?.value ?? '')).toEqual({ approval: id, evidenceHash: await evidenceHashOf(id) });
  });

  it('has no button where one press would not say all that is asked', async () => {
    const form = { type: 'object', properties: { window: { type: 'string' } }, required: ['window'] };
    const [asks, comments] = [await stage.ask({ form }), await stage.ask({ policy: { approvers: { users: ['ann'] }, rejectionNeedsComment: true } })];
    expect(buttonsOf((await told('/chat', asks, 1))[0]).map(({ action_id: name }) => name)).toEqual(['review']);
    expect(buttonsOf((await told('/chat', comments, 1))[0]).map(({ action_id: name }) => name)).toEqual(['approve', 'review']);
  });

  it('decides by its buttons for whom an operator has entered, once a press, and refuses everybody else politely', async () => {
    const id = await stage.ask();
    const value = JSON.stringify({ approval: id, evidenceHash: await evidenceHashOf(id) });
    const pressed = press('approve', value, 'U1');
    expect((await send(pressed)).status).toBe(200);
    expect(await answersTo('U1', 1)).toEqual([expect.stringMatching(/^Your answer counted\. 1 of 2; waiting for managers/)]);
    // Overheard and sent again after the vote was taken back.
    await stage.as('ann', 'POST', `/v1/approvals/${id}/revoke`, {});
    expect((await send(pressed)).status).toBe(200);
    await answersTo('U1', 2);
    expect(await votesOf(id)).toEqual([]);
    for (const user of ['U3', 'U9', 'constructor']) {
      expect((await send(press('approve', value, user))).status).toBe(200);
      expect(await answersTo(user, 1)).toEqual([`Your answer did not count: Slack's user ${user} is nobody who is known here. Use "Review" and the link that you are mailed, or ask an operator to enter you.`]);
    }
    expect((await send(press('reject', JSON.stringify({ approval: id, evidenceHash: 'old' }), 'U2'))).status).toBe(200);
    expect(await answersTo('U2', 1)).toEqual([expect.stringContaining('rita has changed the evidence since you saw it')]);
    expect((await send(press('reject', value, 'U2'))).status).toBe(200);
    expect((await answersTo('U2', 2))[1]).toContain('Your answer counted. rejected by the vote of bob');
    const { rows } = await stage.api.database.pool.query(`select entry ->> 'type' as type from approval_record where approval_id = $1 and entry::text like '%slack%' order by seq`, [id]);
    expect(rows.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(['voted', 'decided']));
  });

  it('is not believed without its signature of the last five minutes', async () => {
    const value = JSON.stringify({ approval: await stage.ask(), evidenceHash: 'x' });
    expect((await send(press('approve', value, 'U1', { key: 'another secret' }))).status).toBe(401);
    expect((await send(press('approve', value, 'U1', { at: Date.now() - 301_000 }))).status).toBe(401);
    expect((await send({ body: 'payload=%7B', headers: { 'content-type': 'text/plain' } })).status).toBe(401);
  });
});

describe('a program that brings decisions', () => {
  interface Sending { id?: string; at?: Date; key?: string; name?: string }
  const bring = async (value: unknown, { id = 'msg_1', at = new Date(), key = secret, name = 'ops' }: Sending = {}): Promise<{ status: number; replayed: boolean; body: unknown }> => {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    const response = await fetch(`${stage.api.url}/v1/hooks/approvals/${name}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...signatureHeaders({ id, at, body }, key) } });
    return { status: response.status, replayed: response.headers.get('idempotency-replayed') === 'true', body: await response.json() };
  };

  it('decides for a person once a delivery: the same again gets the same answer and does nothing', async () => {
    const approval = await stage.ask();
    const vote = { approval, person: 'ann@example.org', decision: 'approve', comment: 'By the change board.' };
    const first = await bring(vote, { id: 'msg_a' });
    expect(first).toMatchObject({ status: 200, replayed: false, body: { counted: true, changed: true, status: 'open' } });
    await stage.as('ann', 'POST', `/v1/approvals/${approval}/revoke`, {});
    expect(await bring(vote, { id: 'msg_a' })).toEqual({ ...first, replayed: true });
    expect(await votesOf(approval)).toEqual([]);
    expect(await bring({ ...vote, decision: 'reject' }, { id: 'msg_a' })).toMatchObject({ status: 422, body: { code: 'idempotency.mismatch', detail: 'This webhook-id was used for another request: use a new one.' } });
  });

  it('is refused as the person would be, and stays refused', async () => {
    const approval = await stage.ask();
    const strange = { approval, person: 'rita', decision: 'approve' };
    expect(await bring(strange, { id: 'msg_b' })).toMatchObject({ status: 403, body: { code: 'approval.not_allowed' } });
    expect(await bring(strange, { id: 'msg_b' })).toMatchObject({ status: 403, replayed: true });
    expect(await bring({ ...strange, person: 'mallory' }, { id: 'msg_c' })).toMatchObject({ status: 403 });
    expect(await bring({ approval, person: 'ann', decision: 'perhaps', extra: 1 }, { id: 'msg_d' })).toMatchObject({ status: 422, body: { code: 'request.invalid' } });
    expect(await bring('{', { id: 'msg_e' })).toMatchObject({ status: 400, body: { code: 'request.malformed' } });
    expect(await votesOf(approval)).toEqual([]);
  });

  it('may bring more at once than there are connections to Postgres', async () => {
    const vote = { approval: await stage.ask(), person: 'rita', decision: 'approve' };
    const answers = await Promise.all(Array.from({ length: 2 * stage.api.deps.config.DATAMCP_DATABASE_POOL }, (_, index) => bring(vote, { id: `msg_many_${index}` })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  });

  it('is not believed with another secret, an old time or no signature, and not found under another name', async () => {
    const vote = { approval: await stage.ask(), person: 'ann', decision: 'approve' };
    expect(await bring(vote, { key: 'another secret' })).toMatchObject({ status: 401 });
    expect(await bring(vote, { at: new Date(Date.now() - 301_000) })).toMatchObject({ status: 401 });
    expect(await bring(vote, { name: 'nothing' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await fetch(`${stage.api.url}/v1/hooks/approvals/ops`, { method: 'POST', body: JSON.stringify(vote) })).status).toBe(401);
    expect(await votesOf(vote.approval)).toEqual([]);
  });
});
