import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { readRecord } from '../../cli/record-file';
import { trustedJson } from '../../cli/json-text';
import { sha256 } from '../../db/approvals/evidence';
import { verifyExport, type RecordExport } from '../../domain/approval/record-export';
import { ApprovalPeople, secretsKey } from '../api/approval-people';
import type { Outcome } from './captured-host';
import { CliStage } from './cli-stage';

let stage: CliStage;
let people: ApprovalPeople;
beforeAll(async () => {
  stage = await CliStage.open({ DATAMCP_SECRETS_KEY: secretsKey });
  people = new ApprovalPeople(stage.api);
  await people.add('rita', { roles: ['trigger'] });
  for (const name of ['ann', 'bob', 'eve']) await people.add(name);
});
afterAll(() => stage.close());

/** Runs a command line as somebody, away from the local stack. */
const as = (name: string, ...argv: string[]): Promise<Outcome> =>
  stage.run(argv, { cwd: tmpdir(), variables: { DATAMCP_API_URL: stage.api.url, DATAMCP_API_KEY: people.keyOf(name) } });

const form = { type: 'object', properties: { tickets: { type: 'integer' }, note: { type: 'string' } }, required: ['tickets'] };
const two = { policy: { approvers: { users: ['ann', 'bob'] }, quorum: 2 } };

test('an approver sees what waits, looks at it and decides it, and the late one is told who did', async () => {
  const id = await people.ask({ title: 'Publish Q3', description: 'Are the *figures* right?', risk: 'high', form, evidence: [{ title: 'Report', text: '12 % late' }] });
  expect((await as('ann', 'approvals', 'list', '--mine')).stdout).toMatch(new RegExp(`${id} +open +Publish Q3 +rita`));
  const { stdout } = await as('ann', 'approvals', 'show', '@last');
  for (const part of [/Publish Q3 +open/, /risk +high/, /decides +1 of ann, bob \(2\)/, /form +tickets: integer, note: string\?/, /Are the \*figures\* right\?/, /Report +12 % late +[0-9a-f]{12}/, /Nobody has voted/]) expect(stdout).toMatch(part);
  const wrong = await as('ann', 'approvals', 'approve', id, '--form', 'tickets=many');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected a number, not "many"')]);
  const right = await as('ann', 'approvals', 'approve', id.slice(0, 30), '--form', 'tickets=3', '-c', 'looked at it');
  expect([right.code, right.stdout]).toEqual([0, expect.stringMatching(new RegExp(`^counted: approval ${id} is approved; approved by the vote of ann on`))]);
  const late = await as('bob', 'approvals', 'reject', id);
  expect([late.code, late.stderr]).toEqual([2, expect.stringMatching(/error\[approval\.closed\].*The vote of ann decided it/)]);
  expect((await as('eve', 'approvals', 'approve', id)).code).toBe(2);
  expect((await as('rita', 'approvals', 'show', id)).stdout).toMatch(/comment +looked at it/);
});

test('every act has its command', async () => {
  const id = await people.ask({ ...two, deadline: '1h', onDeadline: 'escalate', escalation: [{ to: { users: ['eve'] }, within: '1h' }] });
  const lines: [string, ...string[]][] = [
    ['ann', 'abstain', id], ['ann', 'revoke', id], ['ann', 'delegate', id, 'eve', '--until', '2099-01-01T00:00:00Z'], ['ann', 'delegate', id, '--back'], ['bob', 'comment', id, 'I am on it'],
    ['bob', 'request-changes', id, 'the total is missing'], ['bob', 'revoke', id], ['rita', 'remind', id], ['rita', 'escalate', id], ['rita', 'withdraw', id, '-c', 'too early'],
  ];
  for (const [name, ...argv] of lines) expect([argv[0], await as(name, 'approvals', ...argv)]).toEqual([argv[0], { code: 0, stdout: expect.stringMatching(/^counted: /), stderr: '' }]);
  expect((await as('ann', 'approvals', 'delegate', id)).stderr).toContain('or say --back');
  const { stdout } = await as('rita', 'approvals', 'record', id);
  expect(trustedJson<RecordExport>(stdout).entries.map(({ type }) => type)).toEqual([
    'requested', 'voted', 'vote_revoked', 'delegated', 'delegation_ended', 'commented', 'changes_requested', 'changes_request_revoked', 'reminded', 'escalated', 'decided',
  ]);
});

describe('a requester', () => {
  const idIn = (stdout: string): string => trustedJson<{ id: string }>(stdout).id;

  test('asks by options, by a file or by both, and finds again what they asked for', async () => {
    const simple = await as('rita', 'approvals', 'create', '-t', 'Buy it?', '-u', 'ann', '-u', 'bob', '-q', '2', '--deadline', '48h', '--risk', 'low');
    expect([simple.code, simple.stderr, simple.stdout]).toEqual([0, '', expect.stringMatching(/Buy it\? +open[^]*risk +low[^]*decides +2 of ann, bob \(2\)/)]);
    const file = stage.write('request.yaml', 'title: Sell it?\nonDeadline: reject\ndeadline: 1h\nevidence:\n  - { title: Offer, text: ten }\npolicy: { approvers: { users: [bob] } }\n');
    const both = await as('rita', 'approvals', 'create', file, '-u', 'ann', '--json');
    expect(trustedJson(both.stdout)).toMatchObject({ title: 'Sell it?', awaited: ['ann'], evidence: [{ title: 'Offer' }] });
    const { stdout } = await as('rita', 'approvals', 'list', '--asked', '--json', '-n', '2');
    expect(trustedJson(stdout)).toMatchObject({ items: [{ id: idIn(both.stdout) }, { title: 'Buy it?' }] });
    expect((await as('ann', 'approvals', 'list', '--asked')).stdout).toBe('You have asked for nothing.\n');
  });

  test('is told what is wrong with a request, and where', async () => {
    const refused = async (...argv: string[]): Promise<string> => {
      const { code, stderr } = await as('rita', 'approvals', ...argv);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('create', '-t', 'x', '-q', '2')).toContain('--quorum counts those whom --user, --role or --group name');
    expect(await refused('create', '-u', 'ann', '--deadline', 'soon')).toMatch(/\/deadline[^]*must be a duration such as 48h/);
    expect(await refused('create', stage.write('broken.yaml', 'title: [\n'))).toMatch(/broken\.yaml is neither JSON nor YAML: .* at line 2/);
    expect(await refused('create', stage.write('list.yaml', '- 1\n'))).toContain('must hold one object: the request');
    expect(await refused('resubmit', '@last', stage.write('map.yaml', 'a: 1\n'))).toContain('must hold a list: the pieces of evidence');
    expect((await as('ann', 'approvals', 'create', '-t', 'x', '-u', 'bob')).code).toBe(3);
  });

  test('answers a request for changes with new evidence', async () => {
    const id = await people.ask({ evidence: [{ title: 'Report', text: 'one' }] });
    await people.act('ann', id, 'changes', { comment: 'add two' });
    const { code, stdout } = await as('rita', 'approvals', 'resubmit', id, stage.write('evidence.yaml', '- title: Report\n  text: two\n'), '-c', 'added', '--json');
    expect([code, trustedJson(stdout)]).toEqual([0, expect.objectContaining({ id, counted: true, status: 'open' })]);
    expect((await people.show(id)).body).toMatchObject({ revision: 2, evidence: [{ text: 'two' }] });
  });
});

test('somebody who goes away says who decides for them, sees that, and takes it back', async () => {
  expect((await as('bob', 'approvals', 'absences', 'set', 'ann', '--since', '2098-01-01T00:00:00Z', '--until', '2099-01-01T00:00:00Z')).stdout).toContain('ann may vote for you from 2098-01-01T00:00:00.000Z until 2099-01-01T00:00:00.000Z.');
  const { stdout } = await as('bob', 'approvals', 'absences', 'list', '--json');
  const { items: [absence] } = trustedJson<{ items: { id: string }[] }>(stdout);
  expect(absence).toMatchObject({ from: 'bob', to: 'ann' });
  expect((await as('bob', 'approvals', 'absences', 'remove', absence?.id ?? '')).stdout).toBe(`The absence ${absence?.id} is removed.\n`);
  expect((await as('bob', 'approvals', 'absences', 'list')).stdout).toBe('No absences.\n');
  expect((await as('bob', 'approvals', 'absences', 'set', 'bob', '--until', '2099-01-01T00:00:00Z')).code).toBe(2);
});

test('a credential is printed alone, and beside it the command line that approves with the Temporal CLI', async () => {
  const id = await people.ask();
  const { stdout, stderr } = await as('ann', 'approvals', 'credential', id);
  expect(stdout).toMatch(/^dmca_\S+\n$/);
  expect(stderr).toMatch(new RegExp(`temporal workflow signal --address \\S+ --namespace \\S+ --workflow-id 'approval/${id}' --name decide --input '\\{"decision":"approve","credential":"dmca_`));
  expect(stderr).toContain('Good for ann until');
});

describe('a record', () => {
  let id = '';
  let text = '';
  beforeAll(async () => {
    id = await people.ask({ ...two, title: 'Audit me', evidence: [{ title: 'Report', text: 'one' }] });
    await people.act('ann', id, 'changes', { comment: 'please add <b>two</b>' });
    await people.act('rita', id, 'evidence', { evidence: [{ title: 'Report', text: 'two' }] });
    await people.decide('ann', id, 'approve', { comment: 'now it is right' });
    await people.decide('bob', id, 'approve');
    ({ stdout: text } = await as('rita', 'approvals', 'record', id));
  });

  test('is verified from the API, and from a file without one', async () => {
    stage.write('record.json', text);
    const head = trustedJson<RecordExport>(text).head ?? '';
    const offline = await stage.run(['audit', 'verify', 'record.json', '--head', head, '--api-url', 'http://127.0.0.1:9']);
    expect([offline.code, offline.stdout]).toEqual([0, expect.stringContaining('✓ Audit me: 7 entries, each as it was written')]);
    expect((await as('rita', 'audit', 'verify', id)).code).toBe(0);
    const cut = trustedJson<RecordExport>(text);
    const last = cut.entries.at(-2)?.hash;
    stage.write('cut.json', JSON.stringify({ ...cut, entries: cut.entries.slice(0, -1), head: last, approval: { ...cut.approval, status: 'open', outcome: null, finishedAt: null } }));
    expect((await stage.run(['audit', 'verify', 'cut.json'])).code).toBe(1);
    stage.write('cut.json', JSON.stringify({ ...cut, entries: cut.entries.slice(0, -1), head: last, approval: { ...cut.approval, status: 'open', outcome: null, finishedAt: null, head: last } }));
    expect((await stage.run(['audit', 'verify', 'cut.json'])).code).toBe(0);
    const caught = await stage.json('audit', 'verify', 'cut.json', '--head', head);
    expect(caught).toMatchObject({ code: 1, document: { valid: false, problems: [expect.stringContaining('entries after number 6 are missing')] } });
    const other = await stage.run(['audit', 'verify', '.datamcp/stack.json']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is no record of an approval')]);
  });

  test('gives away any character of it that was changed', () => {
    const { approval, revisions, entries, head } = trustedJson<RecordExport>(text);
    const told = ['title', 'description', 'status', 'form', 'risk', 'requester', 'createdAt', 'finishedAt', 'run', 'task', 'instance', 'policy', 'evidenceHash', 'revision', 'head', 'votes', 'outcome'] as const;
    const kept = JSON.stringify({ approval: { id, ...Object.fromEntries(told.map((name) => [name, approval[name]])) }, revisions: revisions.map(({ revision, evidenceHash, items }) => ({ revision, evidenceHash, items })), entries, head });
    fc.assert(fc.property(fc.nat(kept.length - 1), fc.constantFrom(...'a0"x,7}A'), (place, character) => {
      fc.pre(kept[place] !== character);
      const changed = `${kept.slice(0, place)}${character}${kept.slice(place + 1)}`;
      expect(isTrusted(changed)).toBe(false);
    }), { numRuns: 500 });
    expect(isTrusted(kept)).toBe(true);
  });

  test('is a page that runs nothing, loads nothing and shows what was said as it was said', async () => {
    const page = await people.as('rita', 'GET', `/v1/approvals/${id}/record?format=html`);
    expect(page.headers.get('content-disposition')).toBe(`attachment; filename="approval-${id}.html"`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('please add &lt;b&gt;two&lt;/b&gt;');
    expect(page.text.match(/<pre>(one|two)<\/pre>/g)).toEqual(['<pre>one</pre>', '<pre>two</pre>']);
    expect(page.text).not.toMatch(/<script|src=|<link/);
    expect((await people.as('rita', 'GET', `/v1/approvals/${id}/record`, undefined, { accept: 'text/html' })).text).toMatch(/^<!doctype html>/);
  });

  test('loses what it holds about a person, and stays right', async () => {
    expect((await people.as('ann', 'DELETE', `/v1/approvals/${id}/record/personal?person=ann`)).status).toBe(403);
    const open = await people.ask();
    expect((await stage.api.call('DELETE', `/v1/approvals/${open}/record/personal`)).body).toMatchObject({ code: 'approval.not_possible', currentStatus: 'open' });
    const erased = await stage.api.call('DELETE', `/v1/approvals/${id}/record/personal?person=ann`);
    expect([erased.status, Number(erased.body['erased']) > 3]).toEqual([200, true]);
    const { text: after } = await people.as('rita', 'GET', `/v1/approvals/${id}/record`);
    expect(after).not.toMatch(/"ann"|now it is right/);
    expect(after).toContain('"bob"');
    expect(verifyExport(readRecord(after, 'it'), sha256, trustedJson<RecordExport>(text).head ?? '')).toEqual([]);
    await stage.api.call('DELETE', `/v1/approvals/${id}/record/personal`);
    const { text: bare } = await stage.api.call('GET', `/v1/approvals/${id}/record`);
    expect(bare).not.toMatch(/"(ann|bob|rita)"|127\.0\.0\.1/);
    expect(verifyExport(readRecord(bare, 'it'), sha256)).toEqual([]);
    expect((await stage.api.call('GET', `/v1/audit?target=approval/${id}&action=approval.erase`)).body['items']).toHaveLength(2);
  });
});

/** Whether an export is taken for what was written. */
function isTrusted(changed: string): boolean {
  try {
    return verifyExport(readRecord(changed, 'it'), sha256).length === 0;
  } catch {
    return false;
  }
}
