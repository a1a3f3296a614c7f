import { eventually } from '../../devstack/processes';
import { CliStage } from '../cli/cli-stage';
import { ApprovalPeople, secretsKey } from './approval-people';
import { problemOf } from './problem';
import type { TestApi } from './test-api';

let stage: CliStage;
let api: TestApi;
let people: ApprovalPeople;
beforeAll(async () => {
  stage = await CliStage.open({ DATAMCP_SECRETS_KEY: secretsKey });
  ({ api } = stage);
  people = new ApprovalPeople(api);
  await people.add('rita', { roles: ['trigger'] });
  for (const name of ['ann', 'bob', 'carl']) await people.add(name, { groups: ['release'] });
  await people.add('mallory');
  await people.add('olga', { roles: ['operator'] });
});
afterAll(() => stage.close());

const twoOfTwo = { policy: { approvers: { users: ['ann', 'bob'] }, quorum: 2 } };

describe('a request', () => {
  test('is answered with everything that it depends on, and can be read at its place', async () => {
    const evidence = [{ title: 'Late flights', text: '12 %' }];
    const made = await people.as('rita', 'POST', '/v1/approvals', { title: 'Publish', description: 'Is it **right**?', risk: 'high', evidence, deadline: '48h', onDeadline: 'reject', ...twoOfTwo });
    expect(made).toMatchObject({ status: 201, body: {
      status: 'open', requester: 'rita', risk: 'high', votes: [], awaited: ['ann', 'bob'], outcome: null, revision: 1, stage: 0, standing: expect.stringMatching(/^0 of 2; waiting for ann, bob until/),
      evidence: [{ title: 'Late flights', text: '12 %', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }], evidenceHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      policy: { stages: [{ panels: [{ quorum: 2, members: ['ann', 'bob'] }] }], rejection: 'any' }, workflowId: `approval/${made.body['id']}`,
    } });
    const shown = await api.call('GET', made.headers.get('location') ?? '', { key: people.keyOf('ann') });
    expect(shown.body).toEqual({ ...made.body, head: shown.body['head'] });
  });

  test('is refused with every fault and its place, and leaves nothing', async () => {
    const wrong = await people.as('rita', 'POST', '/v1/approvals', { title: '', policy: { approvers: {} }, deadline: 'soon', onDeadlin: 'reject' });
    expect(problemOf(wrong).errors?.map(({ path }) => path).sort()).toEqual(['/deadline', '/onDeadlin', '/policy/approvers', '/title']);
    const impossible = await people.as('rita', 'POST', '/v1/approvals', { title: 'x', policy: { approvers: { users: ['ann', 'nobody'] }, quorum: 2 }, deadline: '2001-01-01T00:00:00Z' });
    expect(problemOf(impossible)).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(problemOf(impossible).errors?.map(({ message }) => message)).toEqual(expect.arrayContaining([
      expect.stringContaining('2 of ann, nobody must approve, and only 1 may'), expect.stringContaining('"nobody"'), 'the deadline has passed already',
    ]));
    const { body } = await people.as('rita', 'GET', '/v1/approvals?requester=rita');
    expect(JSON.stringify(body)).not.toContain('"title":"x"');
  });

  test('asked for again under its Idempotency-Key is the same one', async () => {
    const ask = () => people.as('rita', 'POST', '/v1/approvals', { title: 'Once', ...twoOfTwo }, { 'idempotency-key': 'once' });
    const [first, second] = [await ask(), await ask()];
    expect([second.status, second.body['id'], second.headers.get('idempotency-replayed')]).toEqual([201, first.body['id'], 'true']);
  });

  test('is shown to whomever it concerns and to viewers, and does not exist for others', async () => {
    const id = await people.ask();
    for (const name of ['rita', 'ann', 'olga']) expect((await people.show(id, name)).status).toBe(200);
    for (const path of ['', '/record', '/evidence']) expect((await people.as('mallory', 'GET', `/v1/approvals/${id}${path}`)).status).toBe(404);
    const acts = { credential: {}, decisions: { decision: 'approve' }, comments: { comment: '' }, revoke: {}, withdraw: {}, evidence: { evidence: [] } };
    for (const [name, body] of Object.entries(acts)) expect(problemOf(await people.act('mallory', id, name, body))).toEqual(expect.objectContaining({ detail: `There is no approval ${id}.`, code: 'not_found' }));
    const { body: { results } } = await people.as('mallory', 'POST', '/v1/approvals/decisions', { decisions: [{ id, decision: 'approve' }] });
    expect(results).toMatchObject([{ id, httpStatus: 404, problem: { code: 'not_found' } }]);
    expect((await people.as('mallory', 'GET', '/v1/approvals')).body).toEqual({ items: [], nextCursor: null });
    expect(problemOf(await people.as('ann', 'POST', '/v1/approvals', { title: 'x', ...twoOfTwo }))).toMatchObject({ code: 'auth.forbidden' });
  });
});

describe('a decision', () => {
  test('counts once, and whoever is late is told who decided', async () => {
    const id = await people.ask(twoOfTwo);
    const first = await people.decide('ann', id, 'approve', { comment: 'fine' });
    expect(first).toMatchObject({ status: 200, body: { counted: true, changed: true, status: 'open', votes: [{ person: 'ann', choice: 'approve' }], standing: '1 of 2; waiting for bob' } });
    expect((await people.show(id, 'ann')).body).toMatchObject({ votes: [{ person: 'ann' }], awaited: ['bob'] });
    expect(await people.decide('ann', id, 'approve')).toMatchObject({ status: 200, body: { counted: true, changed: false } });
    expect(problemOf(await people.decide('ann', id, 'reject'))).toMatchObject({ status: 409, code: 'approval.already_decided' });
    expect(await people.decide('bob', id, 'approve')).toMatchObject({ status: 200, body: { status: 'approved', outcome: { status: 'approved', cause: 'vote', by: 'bob' } } });
    const late = problemOf(await people.decide('ann', id, 'reject'));
    expect(late).toMatchObject({ status: 409, code: 'approval.closed', currentStatus: 'approved', outcome: { by: 'bob', status: 'approved' } });
    expect(await people.decide('bob', id, 'approve')).toMatchObject({ status: 200, body: { changed: false, status: 'approved' } });
    expect((await people.show(id)).body).toMatchObject({ status: 'approved', finishedAt: expect.any(String), deadline: null, awaited: [] });
  });

  test('of somebody who may not is 403: the requester, and whoever lost the role since', async () => {
    await people.add('rob', { roles: ['data-owner'] });
    const id = await people.ask({ policy: { approvers: { roles: ['data-owner'], users: ['ann', 'rita'] } } });
    expect(problemOf(await people.decide('rita', id, 'approve'))).toMatchObject({ status: 403, code: 'approval.not_allowed' });
    await people.takeKeyFrom('rob');
    await people.add('rob', { roles: ['viewer'] });
    expect(problemOf(await people.decide('rob', id, 'approve'))).toMatchObject({ status: 403, code: 'approval.not_allowed' });
    expect((await people.show(id)).body).toMatchObject({ status: 'open', votes: [] });
  });

  test('on evidence that has changed since, or with a form that is not filled in, does not count', async () => {
    const form = { type: 'object', properties: { tickets: { type: 'integer', minimum: 1 } }, required: ['tickets'] };
    const id = await people.ask({ form });
    expect(problemOf(await people.decide('ann', id, 'approve', { evidenceHash: 'f'.repeat(64), form: { tickets: 1 } }))).toMatchObject({ status: 409, code: 'approval.evidence_changed' });
    const wrong = problemOf(await people.decide('ann', id, 'approve', { form: { tickets: 0, more: 1 } }));
    expect(wrong).toMatchObject({ status: 422, code: 'approval.form_invalid' });
    expect(wrong.errors?.map(({ path }) => path)).toEqual(['/form/tickets', '/form/more']);
    expect(await people.decide('ann', id, 'approve', { form: { tickets: 2 } })).toMatchObject({ status: 200, body: { outcome: { form: { tickets: 2 } } } });
  });

  test('of several requests is answered for each', async () => {
    const [open, closed] = [await people.ask(), await people.ask()];
    await people.decide('bob', closed, 'reject', { comment: 'no' });
    const unknown = '01920000-0000-7000-8000-000000000000';
    const answer = await people.as('ann', 'POST', '/v1/approvals/decisions', { decisions: [open, closed, unknown].map((id) => ({ id, decision: 'approve' })) });
    expect(answer).toMatchObject({ status: 200, body: { results: [
      { id: open, httpStatus: 200, result: { counted: true, status: 'approved' }, problem: null },
      { id: closed, httpStatus: 409, result: null, problem: { code: 'approval.closed', outcome: { by: 'bob' } } },
      { id: unknown, httpStatus: 404, problem: { code: 'not_found' } },
    ] } });
  });

  test('made at the same moment as another ends in one outcome, and the losers are told it', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => people.ask()));
    await Promise.all(ids.map(async (id, index) => {
      const rival = index % 2 === 0 ? people.decide('bob', id, 'reject') : people.act('rita', id, 'withdraw');
      const answers = await Promise.all([people.decide('ann', id, 'approve'), rival]);
      const { body: shown } = await people.show(id);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const [won, lost] = answers[0].status === 200 ? answers : [answers[1], answers[0]];
      expect(won.body['status']).toBe(shown['status']);
      expect(lost.body).toMatchObject({ code: 'approval.closed', outcome: { status: shown['status'] } });
    }));
  });

  test('is waited for by those who ask to', async () => {
    const id = await people.ask();
    const waiting = people.show(id, 'rita', { prefer: 'wait=20' });
    await people.decide('ann', id, 'reject', { comment: 'no' });
    const { body, headers } = await waiting;
    expect([body['status'], headers.get('preference-applied')]).toEqual(['rejected', 'wait=20']);
  });
});

describe('beside votes', () => {
  test('an inbox holds what waits for whoever asks, page by page, and nothing else', async () => {
    await people.add('ivy');
    const ids = [];
    for (let index = 0; index < 3; index++) ids.push(await people.ask({ policy: { approvers: { users: ['ivy', 'ann'] } } }));
    const inbox = (query = '') => people.as('ivy', 'GET', `/v1/approvals?awaiting=me${query}`);
    const page = await inbox('&limit=2');
    const rest = await inbox(`&limit=2&cursor=${String(page.body['nextCursor'])}`);
    const idsOf = ({ body }: { body: Record<string, unknown> }) => (body['items'] as { id: string }[]).map(({ id }) => id);
    expect([...idsOf(page), ...idsOf(rest)]).toEqual(ids.toReversed());
    await people.decide('ivy', ids[0] ?? '', 'approve');
    expect(idsOf(await inbox())).toEqual([ids[2], ids[1]]);
    expect(idsOf(await people.as('ivy', 'GET', '/v1/approvals?status=approved,rejected'))).toEqual([ids[0]]);
    expect(idsOf(await people.as('olga', 'GET', '/v1/approvals?status=approved&status=rejected&limit=1000'))).toContain(ids[0]);
    expect(problemOf(await inbox('&cursor=abc'))).toMatchObject({ code: 'request.invalid' });
  });

  test('changes are asked for, new evidence is submitted, and votes on the old lapse', async () => {
    const id = await people.ask({ ...twoOfTwo, evidence: [{ title: 'report', text: 'one' }, { title: 'log', text: 'same' }] });
    const { body: before } = await people.show(id);
    await people.decide('ann', id, 'approve');
    expect((await people.act('bob', id, 'changes', { comment: 'the total is missing' })).body).toMatchObject({ status: 'changes_requested' });
    expect((await people.show(id)).body).toMatchObject({ changesRequestedBy: 'bob', awaited: ['rita'] });
    const evidence = [{ title: 'report', text: 'two' }, { title: 'log', text: 'same' }];
    expect(problemOf(await people.act('ann', id, 'evidence', { evidence }))).toMatchObject({ code: 'approval.not_allowed' });
    expect((await people.act('rita', id, 'evidence', { evidence, comment: 'added' })).body).toMatchObject({ status: 'open', votes: [] });
    expect(problemOf(await people.decide('bob', id, 'approve', { evidenceHash: before['evidenceHash'] }))).toMatchObject({ code: 'approval.evidence_changed' });
    expect((await people.as('ann', 'GET', `/v1/approvals/${id}/evidence`)).body).toMatchObject({ items: [
      { revision: 1, evidenceHash: before['evidenceHash'], changes: [] },
      { revision: 2, items: [{ text: 'two' }, { text: 'same' }], changes: [{ title: 'report', change: 'changed' }, { title: 'log', change: 'unchanged' }] },
    ] });
    expect((await people.show(id)).body).toMatchObject({ revision: 2, evidence: [{ text: 'two' }, { text: 'same' }] });
    const gone = [{ title: 'file', artifact: { name: 'a.csv', uri: 'artifact://01920000-0000-7000-8000-000000000000', bytes: 1, sha256: 'a'.repeat(64), contentType: 'text/csv' } }];
    expect(problemOf(await people.act('rita', id, 'evidence', { evidence: gone })).errors).toMatchObject([{ path: '/evidence/0/artifact' }]);
    // Whose evidence it is not learns nothing about artifacts.
    const other = problemOf(await people.act('ann', id, 'evidence', { evidence: gone }));
    expect([other.status, other.errors]).toEqual([403, undefined]);
    await people.act('rita', id, 'withdraw');
    expect(problemOf(await people.act('rita', id, 'evidence', { evidence: gone }))).toMatchObject({ code: 'approval.closed' });
  });

  test('a vote is revoked, lent and given back; others are reminded, brought in and told; all of it is in the audit', async () => {
    const id = await people.ask({ deadline: '2h', onDeadline: 'escalate', escalation: [{ to: { users: ['carl'] }, within: '1h' }], ...twoOfTwo });
    const done = async (name: string, act: string, body?: object) => expect(await people.act(name, id, act, body)).toMatchObject({ status: 200, body: { counted: true } });
    await done('ann', 'decisions', { decision: 'approve' });
    await done('ann', 'revoke');
    await done('ann', 'delegate', { to: 'mallory', until: '2099-01-01T00:00:00Z' });
    expect((await people.show(id, 'mallory')).body).toMatchObject({ delegations: [{ from: 'ann', to: 'mallory', since: null, until: '2099-01-01T00:00:00.000Z' }] });
    await done('mallory', 'comments', { comment: 'I look at it' });
    await done('ann', 'delegate', { to: null });
    await done('olga', 'remind');
    await done('rita', 'escalate');
    expect((await people.show(id)).body).toMatchObject({ awaited: expect.arrayContaining(['carl']) });
    expect(problemOf(await people.act('rita', id, 'escalate'))).toMatchObject({ status: 409, code: 'approval.not_possible' });
    await done('rita', 'withdraw', { comment: 'too early' });
    const { body } = await api.call('GET', `/v1/audit?target=approval/${id}`);
    expect((body['items'] as { action: string; actor: string }[]).map(({ action, actor }) => `${actor} ${action}`).toReversed()).toEqual([
      'rita approval.create', 'ann approval.approve', 'ann approval.revoke', 'ann approval.delegate', 'mallory approval.comment', 'ann approval.delegate', 'olga approval.remind',
      'rita approval.escalate', 'rita approval.withdraw',
    ]);
  });

  test('an absence that was told ahead lends the votes in requests that are made later, and is nobody else\'s', async () => {
    for (const name of ['abe', 'dora']) await people.add(name);
    const told = await people.as('abe', 'POST', '/v1/delegations', { to: 'dora', until: '2099-01-01T00:00:00Z' });
    expect(told).toMatchObject({ status: 201, body: { from: 'abe', to: 'dora', until: '2099-01-01T00:00:00.000Z' } });
    await people.as('abe', 'POST', '/v1/delegations', { to: 'bob', since: '2098-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' });
    const id = await people.ask({ policy: { approvers: { users: ['abe'] } } });
    expect((await people.show(id, 'dora')).body).toMatchObject({ awaited: ['abe', 'dora'] });
    expect(await people.decide('dora', id, 'approve')).toMatchObject({ status: 200, body: { status: 'approved', votes: [{ person: 'dora', for: 'abe' }] } });
    for (const [body, path] of [[{ to: 'nobody', until: '2099-01-01T00:00:00Z' }, '/to'], [{ to: 'abe', until: '2099-01-01T00:00:00Z' }, '/to'], [{ to: 'bob', until: '2001-01-01T00:00:00Z' }, '/until'], [{ to: 'bob', since: '2099-01-01T00:00:00Z', until: '2098-01-01T00:00:00Z' }, '/until']] as const) {
      expect(problemOf(await people.as('abe', 'POST', '/v1/delegations', body)).errors).toMatchObject([{ path }]);
    }
    const place = told.headers.get('location') ?? '';
    expect((await people.as('dora', 'DELETE', place)).status).toBe(404);
    expect((await people.as('abe', 'DELETE', place)).status).toBe(200);
    expect((await people.as('abe', 'GET', '/v1/delegations')).body).toMatchObject({ items: [{ to: 'bob' }] });
    expect((await people.as('dora', 'GET', '/v1/delegations')).body).toEqual({ items: [] });
  });

  test('an act under an Idempotency-Key happens once, is answered the same again, and no other is done under it', async () => {
    const id = await people.ask();
    const say = (comment: string) => people.act('ann', id, 'comments', { comment }, { 'idempotency-key': 'say' });
    const [first] = await Promise.all([say('one'), say('one')]);
    expect(problemOf(await say('two'))).toMatchObject({ status: 422, code: 'idempotency.mismatch' });
    await people.act('rita', id, 'withdraw');
    const again = await say('one');
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([200, 'true', first?.body]);
    const { body } = await people.as('ann', 'GET', `/v1/approvals/${id}/record`);
    expect((body['entries'] as { type: string }[]).filter(({ type }) => type === 'commented')).toHaveLength(1);
    const { body: audit } = await api.call('GET', `/v1/audit?target=approval/${id}&action=approval.comment`);
    expect(audit['items']).toMatchObject([{ actor: 'ann', keyId: expect.any(String), requestId: expect.any(String), data: { channel: 'api' } }]);
  });

  test('a credential is good for a signal, and comes with the command that sends it', async () => {
    const id = await people.ask();
    const { status, body } = await people.act('ann', id, 'credential');
    expect([status, body['person'], body['workflowId']]).toEqual([201, 'ann', `approval/${id}`]);
    expect(body['command']).toBe(`temporal workflow signal --address ${api.deps.config.TEMPORAL_ADDRESS} --namespace ${api.deps.config.TEMPORAL_NAMESPACE} `
      + `--workflow-id 'approval/${id}' --name decide --input '{"decision":"approve","credential":"${String(body['credential'])}"}'`);
    await api.deps.temporal.workflow.getHandle(`approval/${id}`).signal('decide', { decision: 'approve', credential: body['credential'] });
    expect((await people.show(id, 'rita', { prefer: 'wait=10' })).body).toMatchObject({ status: 'approved', outcome: { by: 'ann' } });
  });
});

describe('while a part is away', () => {
  test('an act that no worker answers is accepted, and carried out when one runs again', async () => {
    const id = await people.ask();
    await eventually(async () => ((await people.show(id)).body['head'] === null ? undefined : true), 5_000);
    const crowded = await people.ask(twoOfTwo);
    await eventually(async () => ((await people.show(crowded)).body['head'] === null ? undefined : true), 5_000);
    await stage.stopWorker();
    const [answer, ...comments] = await Promise.all([
      people.decide('ann', id, 'approve'), ...Array.from({ length: 14 }, (_, index) => people.act('ann', crowded, 'comments', { comment: `comment ${index}` })),
    ]);
    expect(answer).toMatchObject({ status: 202, body: { counted: false, status: 'open' } });
    expect(answer.headers.get('location')).toBe(`/v1/approvals/${id}`);
    // Temporal takes ten updates at a time, and forgets those that no worker takes: none may be lost, and none is done twice.
    expect(new Set(comments.map(({ status }) => status))).toEqual(new Set([202]));
    await stage.startWorker();
    expect((await people.show(id, 'rita', { prefer: 'wait=15' })).body).toMatchObject({ status: 'approved' });
    const said = async (): Promise<string[]> => ((await people.as('rita', 'GET', `/v1/approvals/${crowded}/record`)).body['entries'] as { type: string; personal: { comment?: { value: string } } }[])
      .flatMap(({ type, personal }) => (type === 'commented' ? [String(personal.comment?.value)] : []));
    const heard = await eventually(async () => ((await said()).length >= comments.length ? said() : undefined), 10_000);
    expect(heard?.sort()).toEqual(comments.map((_, index) => `comment ${index}`).sort());
    expect((await people.act('rita', crowded, 'withdraw')).status).toBe(200);
    expect(await said()).toHaveLength(comments.length);
  });

  test('a request whose workflow could not be started is decided by its first act', async () => {
    const start = jest.spyOn(api.deps.temporal.workflow, 'start').mockRejectedValueOnce(new Error('away'));
    const id = await people.ask();
    await eventually(() => start.mock.results[0], 2_000);
    start.mockRestore();
    expect(await people.decide('ann', id, 'approve')).toMatchObject({ status: 200, body: { status: 'approved' } });
  });
});
