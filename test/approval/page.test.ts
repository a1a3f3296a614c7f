import { evidence } from './stored-approval';
import { PageStage } from './page-stage';

let stage: PageStage;
beforeAll(async () => { stage = await PageStage.open(); });
afterAll(() => stage.close());

const votesOf = async (id: string): Promise<unknown[]> => {
  const { rows } = await stage.api.database.pool.query(`select entry -> 'personal' -> 'by' ->> 'value' as by, entry -> 'body' ->> 'choice' as choice, entry -> 'personal' -> 'address' ->> 'value' as address, coalesce(entry -> 'body' ->> 'channel', entry -> 'personal' -> 'channel' ->> 'value') as channel from approval_record where approval_id = $1 and entry ->> 'type' = 'voted' order by seq`, [id]);
  return rows;
};
const wordsIn = (page: string): string => page.replace(/<style>.*<\/style>/s, '').replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the page of a request', () => {
  let id: string;
  let link: string;
  beforeAll(async () => {
    id = await stage.ask();
    link = await stage.link(id, 'ann');
  });

  it('says everything in the order in which one decides, under 20 KB, without a script', async () => {
    const { status, page, headers } = await stage.get(link);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(Buffer.byteLength(page)).toBeLessThan(20_000);
    expect([...page.matchAll(/<h[12][^>]*>([^<]*)/g)].map(([, title]) => title)).toEqual([
      'Publish the report of late flights?', 'The question', 'Requested by', 'Evidence', 'Risk', 'Who decides', 'Your decision',
    ]);
    expect(page).not.toMatch(/<script|javascript:|onclick/i);
    for (const words of ['This decides it: it is rejected.', 'Your approval counts. Then: 1 of 2', 'You are ann', 'LH 123', 'at 07:00', 'ann (you)', 'then it expires']) expect(wordsIn(page)).toContain(words);
    expect(page).toContain('<a href="https://example.org/board?day=1" rel="noreferrer noopener">');
  });

  it('tells nobody its address, runs nothing, and is kept nowhere', async () => {
    const { headers } = await stage.get(link);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src 'self' data:; form-action 'self'; base-uri 'self'; frame-ancestors 'none'$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('keeps under 20 KB with the largest evidence, and leads to all of it', async () => {
    const rows = Array.from({ length: 1_000 }, (_, row) => [row, `Flight number ${row}`, 'late']);
    const large = await stage.ask({ description: 'word '.repeat(4_000) }, [
      ...Array.from({ length: 48 }, (_, index) => ({ title: `Text ${index} ${'t'.repeat(100)}`, text: `**${index}** ${'many words '.repeat(200)}` })),
      { title: 'Table', table: { columns: ['n', 'flight', 'state'], rows } }, { title: 'Diff', diff: '+line\n'.repeat(9_000) },
    ]);
    const path = await stage.link(large, 'ann');
    const { page } = await stage.get(path);
    expect(Buffer.byteLength(page)).toBeLessThan(20_000);
    expect((await stage.get(`${path}/evidence/1/48`)).page.split('\r\n')).toHaveLength(1_002);
    expect((await stage.get(`${path}/evidence/1/0`)).page).toHaveLength('**0** '.length + 2_200);
    expect((await stage.get(`${path}/description`)).page).toHaveLength(20_000);
  });

  it('gives evidence out in a way that runs nothing, and only what is there', async () => {
    const chart = await stage.get(`${link}/evidence/1/4`);
    expect(chart.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(chart.headers.get('content-security-policy')).toContain('sandbox');
    expect(chart.page).toContain('<svg');
    for (const place of ['1/5', '2/0', '1/x', '0/0']) expect((await stage.get(`${link}/evidence/${place}`)).status).toBe(404);
  });

  it('shows Markdown, and no markup of the requester', async () => {
    const evil = '<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![p](https://spy.example/p.png)';
    const path = await stage.link(await stage.ask({ title: '<script>alert(1)</script>', description: evil }, [{ title: '"><b>', text: evil }]), 'ann');
    const { page } = await stage.get(path);
    expect(page).not.toMatch(/<script|<img|href="javascript/);
    expect(page).toContain('&lt;script&gt;');
  });
});

describe('a link', () => {
  it('casts nothing, however often scanners fetch it', async () => {
    const id = await stage.ask();
    const [mail, inbox] = [await stage.link(id, 'ann'), await stage.link(id, 'bob', 'inbox')];
    const visits = await Promise.all(Array.from({ length: 10 }, () => [stage.get(mail), stage.get(inbox), stage.get(mail, 'HEAD'), stage.get(`${mail}?answer=approve&act=answer`)]).flat());
    expect(new Set(visits.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await votesOf(id)).toEqual([]);
  });

  it('votes by the form of its page, gives a receipt, and says so when it is used twice', async () => {
    const id = await stage.ask();
    const link = await stage.link(id, 'ann');
    const first = await stage.send(link, { answer: 'approve', comment: 'Looks right.' });
    expect(first.status).toBe(200);
    expect(wordsIn(first.page)).toMatch(/Receipt It counted\. Thank you\. You approved this on/);
    const second = await stage.post(link, { act: 'answer', answer: 'approve' });
    expect(wordsIn(second.page)).toContain('It had counted already; nothing has changed.');
    const other = await stage.post(link, { act: 'answer', answer: 'reject', comment: 'no' });
    expect(other.status).toBe(409);
    expect(wordsIn(other.page)).toContain('You have approved on');
    expect(await votesOf(id)).toEqual([{ by: 'ann', choice: 'approve', address: expect.stringContaining('127.0.0.1'), channel: 'mail' }]);
  });

  it('stays below the path that a proxy has it under', async () => {
    const id = await stage.ask();
    const path = await stage.link(id, 'ann');
    const proxied = `https://example.org/datamcp${path}`;
    const [, base = ''] = /<base href="([^"]+)">/.exec((await stage.get(path)).page) ?? [];
    expect(new URL('description', new URL(base, proxied)).href).toBe(`${proxied}/description`);
    const { headers } = await fetch(stage.api.url + path, { method: 'POST', body: new URLSearchParams({ act: 'comment', remark: 'Late?' }), redirect: 'manual' });
    expect(new URL(headers.get('location') ?? '', proxied).href).toBe(`${proxied}?done=told#receipt`);
    expect((await stage.get(`${path}/`)).page).toContain('<base href="./">');
  });

  it('takes a vote back while it is open, and decides by the last one', async () => {
    const id = await stage.ask();
    const [ann, bob] = [await stage.link(id, 'ann'), await stage.link(id, 'bob', 'inbox')];
    await stage.send(ann, { answer: 'approve' });
    const revoked = await stage.post(ann, { act: 'revoke' });
    expect(wordsIn(revoked.page)).toContain('It is done.');
    await stage.send(ann, { answer: 'approve' });
    const last = await stage.send(bob, { answer: 'approve', comment: 'Ship it' });
    expect(wordsIn(last.page)).toMatch(/The vote of bob decided it on .*: approved\. Ship it/);
    expect(wordsIn(last.page)).not.toContain('Send my decision');
    const late = await stage.post(await stage.link(id, 'carl'), { act: 'answer', answer: 'reject', comment: 'wait' });
    expect(late.status).toBe(409);
    expect(wordsIn(late.page)).toContain('The vote of bob decided it');
    expect(await votesOf(id)).toContainEqual(expect.objectContaining({ by: 'bob', channel: 'inbox' }));
  });

  it('shows what changed when the evidence did between view and vote, and lets the person decide again', async () => {
    const id = await stage.ask();
    const link = await stage.link(id, 'ann');
    const seen = /name="evidenceHash" value="(\w+)"/.exec((await stage.get(link)).page)?.[1] ?? '';
    const fresh = evidence.slice(1).concat({ title: 'Weather', text: 'Fog.' }).map((item) => (item.title === 'Late flights' ? { ...item, table: { columns: ['flight', 'minutes'], rows: [['LH 123', 45], ['BA 9', 131]] } } : item));
    expect((await stage.as('rita', 'POST', `/v1/approvals/${id}/evidence`, { evidence: fresh })).status).toBe(200);
    const { status, page } = await stage.post(link, { act: 'answer', answer: 'approve', evidenceHash: seen, comment: 'kept' });
    expect(status).toBe(409);
    for (const words of ['rita has changed the evidence since you saw it', 'It has changed since revision 1', 'Late flights changed', '-BA 9 | 130', '+BA 9 | 131', 'Weather added', 'Summary removed', 'kept']) expect(wordsIn(page)).toContain(words);
    expect(await votesOf(id)).toEqual([]);
    expect((await stage.send(link, { answer: 'approve' })).status).toBe(200);
    expect(await votesOf(id)).toHaveLength(1);
  });

  it('with one bit changed opens nothing', async () => {
    const link = await stage.link(await stage.ask(), 'ann');
    const last = link.at(-3) === 'A' ? 'B' : 'A';
    const { status, page } = await stage.get(`${link.slice(0, -3)}${last}${link.slice(-2)}`);
    expect(status).toBe(404);
    expect(wordsIn(page)).toContain('This link is not valid');
    expect((await stage.get('/decide/dmca_nonsense')).status).toBe(404);
    expect((await stage.get('/decide')).status).toBe(404);
  });

  it('takes no other method than those of its form, says which, and is found in the log by its approval', async () => {
    const id = await stage.ask();
    const link = await stage.link(id, 'ann');
    const refused = await stage.get(link, 'DELETE');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect((await stage.get(`${link}/form`, 'POST')).headers.get('allow')).toBe('GET, HEAD');
    expect(await stage.api.loggedOf(() => stage.get(link))).toMatchObject({ route: '/decide/{token}', status: 200, approvalId: id });
    expect(await stage.api.loggedOf(() => stage.get(`/review/${id}`))).toMatchObject({ route: '/review/{id}', approvalId: id });
  });

  it('that is too old votes no more, and mails a new one to the person that it was for, once a minute', async () => {
    const id = await stage.ask();
    const old = await stage.link(id, 'ann', 'mail', Date.now() - 8 * 86_400_000);
    expect((await stage.get(old)).status).toBe(410);
    expect((await stage.post(old, { act: 'answer', answer: 'approve' })).status).toBe(410);
    expect(await votesOf(id)).toEqual([]);
    for (let count = 0; count < 3; count += 1) expect(wordsIn((await stage.post(old, { act: 'link' })).page)).toContain('A new link is on its way');
    const { rows } = await stage.api.database.pool.query(`select person, channel from approval_notices where approval_id = $1 and kind = 'link'`, [id]);
    expect(rows).toEqual([{ person: 'ann', channel: 'mail' }]);
  });

  it('is worth nothing after its person lost the role or every key, or the request is gone', async () => {
    const id = await stage.ask();
    const link = await stage.link(id, 'carl');
    await stage.api.database.pool.query(`update keys set groups = '{}' where subject_name = 'carl'`);
    expect((await stage.get(link)).status).toBe(403);
    expect((await stage.post(link, { act: 'answer', answer: 'approve' })).status).toBe(403);
    await stage.api.database.pool.query(`update keys set groups = '{managers}', revoked_at = now() where subject_name = 'carl'`);
    expect((await stage.post(link, { act: 'answer', answer: 'approve' })).status).toBe(403);
    await stage.api.database.pool.query(`update keys set revoked_at = null where subject_name = 'carl'`);
    expect((await stage.get(link)).status).toBe(200);
    expect(await votesOf(id)).toEqual([]);
    await stage.api.database.pool.query('delete from approvals where id = $1', [id]);
    expect((await stage.get(link)).status).toBe(404);
  });

  it('of one request opens no other, nor does somebody whom it does not concern get in', async () => {
    const id = await stage.ask({ policy: { approvers: { users: ['bob'] } } });
    expect((await stage.get(await stage.link(id, 'ann'))).status).toBe(403);
  });
});

describe('the form of the page', () => {
  it('is not taken from another site, however the browser says so', async () => {
    const id = await stage.ask();
    const link = await stage.link(id, 'ann');
    for (const [name, value] of [['sec-fetch-site', 'cross-site'], ['sec-fetch-site', 'same-site'], ['origin', 'https://evil.example']] as const) {
      expect((await stage.send(link, { answer: 'approve' }, { [name]: value })).status).toBe(403);
    }
    expect(await votesOf(id)).toEqual([]);
    expect((await stage.send(link, { answer: 'approve' }, { origin: stage.api.url })).status).toBe(200);
  });

  it('asks for what the request asks for, names what is wrong, and keeps what was typed', async () => {
    const form = { type: 'object', properties: { window: { type: 'string', enum: ['night', 'noon'] }, share: { type: 'integer', maximum: 100 } }, required: ['window'] };
    const id = await stage.ask({ form, policy: { approvers: { users: ['ann'] }, rejectionNeedsComment: true } });
    const link = await stage.link(id, 'ann');
    const wrong = await stage.send(link, { answer: 'approve', 'form.share': '250', comment: 'typed' });
    expect(wrong.status).toBe(422);
    expect(wordsIn(wrong.page)).toContain('the field window is required; share must be at most 100');
    expect(wrong.page).toMatch(/value="250"[\s\S]*value="approve" checked[\s\S]*typed<\/textarea>/);
    expect(wordsIn((await stage.send(link, { answer: 'reject' })).page)).toContain('A rejection needs a comment that says why.');
    expect(wordsIn((await stage.send(link, {})).page)).toContain('Choose one of the answers first.');
    expect((await stage.send(link, { answer: 'approve', 'form.window': 'noon', 'form.share': '25' })).status).toBe(200);
    const { body } = await stage.as('rita', 'GET', `/v1/approvals/${id}`);
    expect(body['outcome']).toMatchObject({ status: 'approved', form: { window: 'noon', share: 25 } });
  });

  it('requests changes, delegates, comments and withdraws', async () => {
    const id = await stage.ask();
    const [ann, bob, rita] = [await stage.link(id, 'ann'), await stage.link(id, 'bob'), await stage.link(id, 'rita')];
    expect(wordsIn((await stage.post(bob, { act: 'delegate', to: 'zoe' })).page)).toContain('Nobody called &quot;zoe&quot; has a key that can be used');
    expect(wordsIn((await stage.post(bob, { act: 'delegate', to: 'carl' })).page)).toContain('bob has asked carl to decide for them');
    expect((await stage.post(bob, { act: 'delegate', to: ' ' })).status).toBe(422);
    expect((await stage.post(ann, { act: 'comment', remark: 'Which Monday?' })).status).toBe(200);
    expect(wordsIn((await stage.send(ann, { answer: 'request_changes', comment: 'Add Monday.' })).page)).toContain('You requested changes on');
    const asked = await stage.get(rita);
    expect(asked.page).not.toContain('value="approve"');
    expect(wordsIn((await stage.post(rita, { act: 'withdraw' })).page)).toContain('It was withdrawn by rita');
    const { rows } = await stage.api.database.pool.query(`select entry ->> 'type' as type from approval_record where approval_id = $1 order by seq`, [id]);
    expect(rows.map(({ type }: { type: string }) => type)).toEqual(['requested', 'delegated', 'commented', 'changes_requested', 'decided']);
  });
});

it('while Temporal cannot be reached the page says so, and keeps what was typed', async () => {
  const link = await stage.link(await stage.ask(), 'ann');
  const away = jest.spyOn(stage.api.deps.temporal, 'withDeadline').mockRejectedValue(Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: '', metadata: {} }));
  const log = jest.spyOn(stage.api.deps.logger, 'error').mockReturnValue(stage.api.deps.logger);
  const { status, page } = await stage.send(link, { answer: 'approve', comment: 'typed on a train' });
  away.mockRestore();
  log.mockRestore();
  expect(status).toBe(503);
  expect(wordsIn(page)).toContain('Temporal cannot be reached. Try again.');
  expect(page).toMatch(/value="approve" checked[\s\S]*typed on a train<\/textarea>/);
  expect((await stage.send(link, { answer: 'approve' })).status).toBe(200);
});

describe('the inbox and the door', () => {
  it('shows what waits for a person, each with a link of its own', async () => {
    await stage.api.database.pool.query('delete from approvals');
    const id = await stage.ask({ title: 'The only one?' });
    const token = stage.api.deps.approvalTokens.seal('inbox', { person: 'ann', expiresAt: Date.now() + 60_000 });
    const { status, page } = await stage.get(`/inbox/${token}`);
    expect(status).toBe(200);
    expect(wordsIn(page)).toContain('1 waits for you');
    const path = new URL(/href="([^"]*\/decide\/[^"]*)"/.exec(page)?.[1] ?? '').pathname;
    await stage.send(path, { answer: 'abstain' });
    expect(await votesOf(id)).toEqual([expect.objectContaining({ by: 'ann', choice: 'abstain', channel: 'inbox' })]);
    expect(wordsIn((await stage.get(`/inbox/${token}`)).page)).toContain('Nothing waits for you');
    const old = stage.api.deps.approvalTokens.seal('inbox', { person: 'ann', expiresAt: Date.now() - 1 });
    expect((await stage.get(`/inbox/${old}`)).status).toBe(410);
    expect((await stage.get(path.replace('/decide/', '/inbox/'))).status).toBe(404);
  });

  it('mails a link to those whom a request concerns, and tells everybody else the same', async () => {
    const id = await stage.ask();
    for (const who of ['ann', 'BOB@example.org', 'mallory', '']) expect(wordsIn((await stage.post(`/review/${id}`, { who })).page)).toContain('A new link is on its way');
    const { rows } = await stage.api.database.pool.query(`select person from approval_notices where approval_id = $1 and kind = 'link' order by person`, [id]);
    expect(rows).toEqual([{ person: 'ann' }, { person: 'bob' }]);
  });
});

it('a link that is tried all the time is told to wait, and other links are not', async () => {
  const id = await stage.ask();
  const [ann, bob] = [await stage.link(id, 'ann'), await stage.link(id, 'bob')];
  const statuses: number[] = [];
  for (let count = 0; count < 62; count += 1) statuses.push((await stage.get(`${ann}x`)).status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect((await stage.get(bob)).status).toBe(200);
});
