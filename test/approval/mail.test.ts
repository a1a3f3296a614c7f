import { randomBytes } from 'node:crypto';
import type { Email } from 'postal-mime';
import { HttpClient } from '../../platform/http';
import { ApprovalTokens } from '../../platform/approval-tokens';
import { makeLogger } from '../../platform/logger';
import { Mailer } from '../../platform/mail';
import { WorkerMetrics } from '../../platform/worker-metrics';
import { Notifier } from '../../workers/notifier';
import { eventually } from '../../devstack/processes';
import { MoodyMailServer } from '../chaos/mail-server';
import { countWaitingNotices } from '../../db/approvals/notice-queue';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testConfig } from '../harness/temporal';
import { MailCatcher } from '../processors/mail-catcher';
import { after, approve } from './samples';
import { storeApproval, storeNotices, storePerson, storeState, type StoredApproval } from './stored-approval';

const secretsKey = randomBytes(32);
let database: TestDatabase;
let catcher: MailCatcher;
let moody: MoodyMailServer;
const open: Notifier[] = [];
const metrics = new WorkerMetrics();
const logger = makeLogger('error', 'notifier-test');

/** A notifier of its own process, as it were; ended after the file at the latest. */
function notifier(smtpUrl: string, graceMs = 4_000): Notifier {
  const config = testConfig(database.url, undefined, {
    DATAMCP_SHUTDOWN_GRACE_MS: String(graceMs),
    SMTP_URL: smtpUrl, DATAMCP_SECRETS_KEY: secretsKey.toString('base64'), DATAMCP_API_URL: 'https://datamcp.example', DATAMCP_MAIL_FROM: 'DataMCP <approvals@datamcp.example>',
  });
  const made = new Notifier(config, database.pool, { mailer: new Mailer(config), http: new HttpClient(config), metrics }, logger);
  made.begin();
  open.push(made);
  return made;
}

const noticeOf = async (id: string): Promise<{ sent: boolean; given_up: boolean; attempts: number; error: string | null } | undefined> =>
  (await database.pool.query('select sent_at is not null as sent, due_at is null and sent_at is null as given_up, attempts, error from approval_notices where id = $1', [id])).rows[0];

/** Waits until a notice is what is expected. */
const settled = (id: string, is: 'sent' | 'given_up') => eventually(async () => {
  const row = await noticeOf(id);
  return row?.[is] ? row : undefined;
}, 15_000);

const mailsTo = (recipient: string): Email[] => catcher.mails.filter(({ recipients }) => recipients.includes(recipient)).map(({ mail }) => mail);
/** Tells the notices that they are due now, as time would. */
const hurry = (id: string) => database.pool.query(`with u as (update approval_notices set due_at = now() where id = $1 and due_at is not null) select pg_notify('approval_notice', '')`, [id]);

beforeAll(async () => {
  jest.spyOn(logger, 'warn').mockReturnValue(logger);
  jest.spyOn(logger, 'error').mockReturnValue(logger);
  [database, catcher, moody] = await Promise.all([createTestDatabase(), MailCatcher.listen(), MoodyMailServer.away()]);
  await moody.open();
  for (const name of ['ann', 'bob', 'carl', 'rita']) await storePerson(database.pool, name, `${name}@example.org`);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await Promise.all(open.map((each) => each.end()));
  await Promise.all([catcher.close(), moody.close(), database.close()]);
});

describe('mails of a request', () => {
  let stored: StoredApproval;
  let first: Email | undefined;

  beforeAll(async () => {
    notifier(catcher.url);
    stored = await storeApproval(database.pool);
    const [id = ''] = await storeNotices(database.pool, stored, 1, 'request', ['ann']);
    await settled(id, 'sent');
    [first] = mailsTo('ann@example.org');
  });

  it('ask the question, and say who asks, the risk, the deadline and how it stands, in text and in HTML alike', () => {
    expect(first?.subject).toBe('Please decide: Publish the report of late flights?');
    for (const body of [first?.text, first?.html]) {
      expect(body).toContain('rita asks for your decision.');
      expect(body).toContain('medium');
      expect(body).toMatch(/\d{2}:\d{2} \(Europe\/Berlin\)/);
      expect(body).toContain('0 of 2; waiting for managers');
      expect(body).toContain('daily');
      expect(body).not.toContain('<img');
    }
    expect(first?.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
  });

  it('hold one link that is sealed for this person, request and evidence', () => {
    const links = [...(first?.text ?? '').matchAll(/https:\/\/datamcp\.example\/decide\/(\S+)/g)];
    expect(links).toHaveLength(1);
    expect(first?.html).toContain(links[0]?.[0]);
    const token = new ApprovalTokens({ DATAMCP_SECRETS_KEY: [secretsKey] }).open('review', links[0]?.[1] ?? '', Date.now());
    expect(token).toMatchObject({ person: 'ann', approval: stored.id, evidenceHash: stored.state.evidence.hash, channel: 'mail' });
  });

  it('stand in one thread', async () => {
    const [id = ''] = await storeNotices(database.pool, stored, 2, 'reminder', ['ann']);
    await settled(id, 'sent');
    const reminder = mailsTo('ann@example.org')[1];
    expect(reminder?.inReplyTo).toBe(first?.messageId);
    expect(reminder?.references).toBe(first?.messageId);
    expect(reminder?.messageId).toBe(`<${id}@datamcp>`);
  });

  it.each([
    ['changes_requested', 'Changes requested: ', 'ann asks you to change something', 'Please add Monday.'],
    ['resubmitted', 'New evidence: ', 'ann has changed the evidence', 'Monday is there now.'],
    ['commented', 'New comment: ', 'ann has commented.', '<b>bold</b> & brave'],
    ['delegated', 'Please decide: ', 'ann has asked you to decide this for them', ''],
  ] as const)('tell of %s what was said', async (kind, subject, lead, comment) => {
    const seq = { changes_requested: 3, resubmitted: 4, commented: 5, delegated: 6 }[kind];
    const before = mailsTo('rita@example.org').length;
    const [id = ''] = await storeNotices(database.pool, stored, seq, kind, ['rita'], { by: 'ann', ...(comment && { comment }) });
    await settled(id, 'sent');
    const mail = mailsTo('rita@example.org')[before];
    expect(mail?.subject).toContain(subject);
    expect(mail?.text).toContain(lead);
    expect(mail?.text).toContain(comment);
    expect(mail?.html).not.toContain('<b>');
  });

  it('tell those who stand in from now on for whom, and nothing of what happened before', async () => {
    await storePerson(database.pool, 'zed', 'zed@example.org');
    const lent = await storeApproval(database.pool, { delegations: [{ from: 'ann', to: 'zed' }, { from: 'bob', to: 'zed', since: Date.now() + 86_400_000 }] });
    await storeNotices(database.pool, lent, 1, 'commented', [], { by: 'carl', comment: 'before' });
    await database.pool.query(`with n as (insert into approval_notices (id, approval_id, seq, kind, channel, person) values (gen_random_uuid(), $1, 1, 'delegation_begun', 'mail', 'zed')) select pg_notify('approval_notice', '')`, [lent.id]);
    const told = await eventually(() => mailsTo('zed@example.org')[0], 10_000);
    expect(told?.subject).toMatch(/^Please decide: /);
    expect(told?.text).toContain('You now decide for ann, who is away. rita made the request.');
    expect(told?.text).not.toContain('before');
  });

  it('name nobody whose name was erased meanwhile, nor what they said', async () => {
    await storeNotices(database.pool, stored, 10, 'commented', [], { by: 'zoe', comment: 'private' });
    await database.pool.query(`update approval_record set entry = jsonb_set(entry::jsonb, '{personal}', '{"by": {"hash": "x"}, "comment": {"hash": "y"}}')::json where approval_id = $1 and seq = 10`, [stored.id]);
    await database.pool.query(`with n as (insert into approval_notices (id, approval_id, seq, kind, channel, person) values (gen_random_uuid(), $1, 10, 'commented', 'mail', 'bob')) select pg_notify('approval_notice', '')`, [stored.id]);
    const erased = await eventually(() => mailsTo('bob@example.org')[0], 10_000);
    expect(erased?.text).toContain('Somebody has commented.');
    expect(erased?.text).not.toMatch(/zoe|private/);
  });

  it('tell how it ended, and ask nobody any more', async () => {
    const ended = after(stored.state, approve('ann', Date.now()), approve('bob', Date.now()));
    await storeState(database.pool, stored.id, ended);
    const [told = ''] = await storeNotices(database.pool, stored, 7, 'decided', ['carl']);
    const [moot = ''] = await storeNotices(database.pool, stored, 8, 'reminder', ['carl']);
    await settled(told, 'sent');
    expect((await settled(moot, 'given_up'))?.error).toBe('not sent: it was decided before');
    expect(mailsTo('carl@example.org').map(({ subject }) => subject)).toEqual(['Approved: Publish the report of late flights?']);
    expect(mailsTo('carl@example.org')[0]?.text).toContain('bob cast the last vote on');
  });

  it('are not written to somebody without an address, and the reason is kept', async () => {
    const [id = ''] = await storeNotices(database.pool, await storeApproval(database.pool), 1, 'request', ['dora']);
    expect((await settled(id, 'given_up'))?.error).toBe('dora has no key with a mail address that can be used');
  });
});

it('a mail is sent once, however many workers look for it', async () => {
  for (let count = 0; count < 3; count += 1) notifier(catcher.url);
  const people = Array.from({ length: 40 }, (_, index) => `many-${index}`);
  for (const person of people) await storePerson(database.pool, person, `${person}@example.org`);
  const ids = await storeNotices(database.pool, await storeApproval(database.pool), 1, 'request', people);
  for (const id of ids) await settled(id, 'sent');
  expect(catcher.mails.filter(({ recipients }) => recipients[0]?.startsWith('many-')).map(({ recipients }) => recipients[0]).sort()).toEqual(people.map((person) => `${person}@example.org`).sort());
});

describe('a mail server with moods', () => {
  let stored: StoredApproval;
  const addressed = async (manner: string, seq: number): Promise<string> => {
    await storePerson(database.pool, manner, `${manner}.x@example.org`);
    const [id = ''] = await storeNotices(database.pool, stored, seq, 'request', [manner]);
    return id;
  };
  const taken = (manner: string): string[] => moody.taken.filter(({ recipient }) => recipient.startsWith(`${manner}.`)).map(({ messageId }) => messageId);

  beforeAll(async () => {
    await Promise.all(open.splice(0).map((each) => each.end()));
    notifier(`smtp://127.0.0.1:${moody.port}`);
    stored = await storeApproval(database.pool);
  });

  it('that refuses for now gets the mail again; one that refuses for good does not, and the reason is kept and logged', async () => {
    const [later, never, sour] = await Promise.all([addressed('later', 1), addressed('never', 2), addressed('sour', 3)]);
    expect(await settled(never, 'given_up')).toMatchObject({ attempts: 1, error: expect.stringContaining('550') });
    expect(await settled(sour, 'given_up')).toMatchObject({ attempts: 2, error: expect.stringContaining('550') });
    expect(await settled(later, 'sent')).toMatchObject({ attempts: 3, error: null });
    expect(taken('later')).toEqual([`<${later}@datamcp>`]);
    const counted = await metrics.registry.metrics();
    for (const outcome of ['sent', 'failed', 'given_up']) expect(counted).toMatch(new RegExp(`^datamcp_notices_total\\{channel="mail",outcome="${outcome}"\\} [1-9]`, 'm'));
    expect(logger.error).toHaveBeenCalledWith('a notice of an approval was refused and is given up', expect.objectContaining({ notice: never, person: 'never', kind: 'request', error: expect.stringContaining('550') }));
  });

  it('that takes a mail and loses the connection gets the same one again, to be known by its id', async () => {
    const id = await addressed('forgetful', 5);
    await settled(id, 'sent');
    expect(taken('forgetful')).toEqual([`<${id}@datamcp>`, `<${id}@datamcp>`]);
  });

  it('that is slow holds up no other mail, and is waited for by a worker that ends: no mail is sent twice', async () => {
    await Promise.all(open.splice(0).map((each) => each.end()));
    const ending = notifier(`smtp://127.0.0.1:${moody.port}`, 60_000);
    const id = await addressed('slow', 8);
    await eventually(() => (moody.triesOf('slow.x@example.org') === 1 ? true : undefined), 5_000);
    await settled(await addressed('quick', 9), 'sent');
    expect(await noticeOf(id)).toMatchObject({ sent: false });
    await ending.end();
    expect(await noticeOf(id)).toMatchObject({ sent: true, attempts: 1 });
  });

  it('that says nothing is left by a worker that ends, and the next one delivers the mail', async () => {
    notifier(`smtp://127.0.0.1:${moody.port}`, 200);
    const id = await addressed('silent', 6);
    await eventually(() => (moody.triesOf('silent.x@example.org') === 1 ? true : undefined), 5_000);
    await Promise.all(open.splice(0).map((each) => each.end()));
    expect(await noticeOf(id)).toMatchObject({ sent: false, given_up: false });
    notifier(`smtp://127.0.0.1:${moody.port}`);
    await settled(id, 'sent');
    expect(taken('silent')).toEqual([`<${id}@datamcp>`]);
  });

  it('that is away delays the mail and nothing else', async () => {
    await moody.close();
    const id = await addressed('away', 7);
    await eventually(async () => ((await noticeOf(id))?.error?.includes('ECONNREFUSED') ? true : undefined), 5_000);
    expect(await countWaitingNotices(database.pool)).toEqual([{ channel: 'mail', count: 1, seconds: expect.any(Number) }]);
    await moody.open();
    await hurry(id);
    await settled(id, 'sent');
    expect(taken('away')).toEqual([`<${id}@datamcp>`]);
  });
});
