import { createHash } from 'node:crypto';
import { sealEvidence } from './evidence';
import { erasedName } from './erasure';
import { appendEntry, erasePersonal, type RecordContent, type RecordEntry } from './record';
import { verifyExport, type RecordExport } from './record-export';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const shown = { title: 'Pay the fees?', description: 'Of **May**.', risk: 'high' as const, form: { type: 'object' as const, properties: { amount: { type: 'number' as const } } } };

const seal = (text: string) => sealEvidence({ ...shown, evidence: [{ title: 'Fees', text }] }, hash);
const [first, second] = [seal('1,000'), seal('2,000')];

const by = (name: string) => ({ by: { salt: 's', value: name } });
const policy = { stages: [] };
const requested: RecordContent = {
  at: 1, type: 'requested', body: { revision: 1, evidenceHash: first.evidenceHash, run: null, task: null, instance: null }, personal: { ...by('rita'), policy: { salt: 's', value: policy } },
};
const resubmitted: RecordContent = { at: 2, type: 'resubmitted', body: { revision: 2, evidenceHash: second.evidenceHash }, personal: by('rita') };
const voted = (name: string, choice: string): RecordContent => ({ at: 3, type: 'voted', body: { choice }, personal: by(name) });
const decided: RecordContent = { at: 3, type: 'decided', body: { status: 'approved', cause: 'vote' }, personal: { ...by('bob'), comment: { salt: 's', value: 'Fine.' } } };
const acts = [voted('ann', 'reject'), { ...voted('ann', ''), type: 'vote_revoked' }, { ...voted('', ''), type: 'stage_passed' }, voted('bob', 'approve')];
const time = (at: number): string => new Date(at).toISOString();

const chain = (...contents: RecordContent[]): RecordEntry[] =>
  contents.reduce<RecordEntry[]>((entries, content) => [...entries, appendEntry('it', entries.at(-1) ?? null, content, hash)], []);

function exportOf(contents: RecordContent[] = [requested, resubmitted, ...acts, decided], more: Partial<RecordExport['approval']> = {}): RecordExport {
  const entries = chain(...contents);
  const status = more.status ?? 'approved';
  const isOpen = !contents.includes(decided);
  const revision = contents.filter(({ type }) => type === 'requested' || type === 'resubmitted').length;
  const head = entries.at(-1)?.hash ?? null;
  const votes = contents.includes(decided) ? [{ person: 'bob', for: null, choice: 'approve', stage: 1, at: time(3) }] : [];
  const outcome = isOpen ? null : { status: 'approved', at: time(3), cause: 'vote', by: 'bob', comment: 'Fine.', form: null };
  const approval = {
    id: 'it', status, ...shown, requester: 'rita', createdAt: time(1), finishedAt: isOpen ? null : time(3), run: null, task: null, instance: null, policy,
    evidenceHash: (revision === 2 ? second : first).evidenceHash, revision, votes, outcome, head, ...more,
  };
  return { approval, revisions: [{ revision: 1, ...first }, { revision: 2, ...second }], entries, head };
}

const wrong = (revision: number): string => `Revision ${revision} of what was shown (title, description, evidence, form, risk) does not have the hash that is recorded.`;

describe('an exported record', () => {
  it('is right as it was written, wherever a file of its evidence is to be had', () => {
    expect(verifyExport(exportOf(), hash)).toEqual([]);
    const linked = exportOf().revisions.map((revision) => ({ ...revision, items: revision.items.map((item) => ({ ...item, href: 'https://files.example/1' })) }));
    expect(verifyExport({ ...exportOf(), revisions: linked }, hash)).toEqual([]);
  });

  it('is right without a description, a form and a risk, where none was given', () => {
    const bare = sealEvidence({ title: 'Go?' }, hash);
    const { approval, entries } = exportOf([{ ...requested, body: { revision: 1, evidenceHash: bare.evidenceHash } }], { status: 'open', title: 'Go?', description: null, form: null, risk: null, evidenceHash: bare.evidenceHash });
    expect(verifyExport({ approval, revisions: [{ revision: 1, ...bare }], entries, head: null }, hash)).toEqual([]);
  });

  it('shows an entry that is not as it was written', () => {
    const { entries, ...rest } = exportOf();
    expect(verifyExport({ ...rest, entries: entries.map((entry) => (entry.seq === 2 ? { ...entry, at: 99 } : entry)) }, hash)).toEqual(['Entry 2 (resubmitted) is not as it was written.']);
  });

  it('shows that its end was cut off by its own head, or by one that was kept elsewhere', () => {
    const whole = exportOf();
    const short = exportOf([requested, resubmitted], { status: 'open' });
    const cut = 'The record does not end as it did: entries after number 2 are missing, or some were written anew.';
    expect(verifyExport({ ...short, head: whole.head }, hash)).toEqual([cut]);
    expect(verifyExport({ ...short, approval: { ...short.approval, head: whole.head } }, hash)).toEqual([cut]);
    expect(verifyExport(short, hash)).toEqual([]);
    expect(verifyExport(short, hash, whole.head ?? '')).toEqual([cut]);
  });

  it.each<[string, Partial<RecordExport['approval']>]>([
    ['title', { title: 'Pay all?' }], ['description', { description: null }], ['form', { form: null }], ['risk', { risk: 'low' }],
  ])('shows another %s than approvers were shown', (_name, more) => {
    expect(verifyExport(exportOf(undefined, more), hash)).toEqual([wrong(1), wrong(2)]);
  });

  it('shows evidence with another content, or with another hash of it', () => {
    const { revisions: [one, two], ...rest } = exportOf();
    if (!one || !two) throw new Error('the sample is empty');
    const hashed = two.items.map((item) => ({ ...item, sha256: hash('') }));
    expect(verifyExport({ ...rest, revisions: [{ ...one, items: seal('9').items }, { ...two, items: hashed }] }, hash)).toEqual([wrong(1), wrong(2)]);
    expect(verifyExport({ ...rest, revisions: [one, { ...two, evidenceHash: one.evidenceHash }] }, hash)).toEqual([wrong(2)]);
  });

  it('is right when its requester went back to earlier evidence, which is kept once', () => {
    const again: RecordContent = { at: 3, type: 'resubmitted', body: { revision: 3, evidenceHash: first.evidenceHash } };
    const exported = exportOf([requested, resubmitted, again], { status: 'open', evidenceHash: first.evidenceHash });
    expect(verifyExport({ ...exported, revisions: [{ revision: 2, ...second }, { revision: 3, ...first }] }, hash)).toEqual([]);
  });

  it('that says how it ended and has no entries is not right', () => {
    expect(verifyExport({ ...exportOf([]), revisions: [] }, hash)).toEqual(['It is said to be approved, and the record does not say how it ended.']);
  });

  it.each<[string, Partial<RecordExport['approval']>]>([
    ['requester', { requester: 'eve' }], ['createdAt', { createdAt: time(0) }], ['finishedAt', { finishedAt: time(4) }], ['run', { run: 'r' }], ['task', { task: 't' }], ['instance', { instance: 1 }],
    ['policy', { policy: { stages: [], quorum: 1 } }], ['evidenceHash', { evidenceHash: first.evidenceHash }], ['revision', { revision: 1 }],
    ['votes', { votes: [] }], ['votes', { votes: [{ person: 'bob', for: 'ann', choice: 'approve', stage: 1, at: time(3) }] }],
    ...(['status', 'at', 'cause', 'by', 'comment', 'form'] as const).map((part): [string, Partial<RecordExport['approval']>] =>
      [`outcome/${part}`, { outcome: { status: 'approved', at: time(3), cause: 'vote', by: 'bob', comment: 'Fine.', form: null, [part]: 'x' } }]),
  ])('shows another %s beside the entries than they tell', (name, more) => {
    expect(verifyExport(exportOf(undefined, more), hash)).toEqual([`What is shown as ${name} is not what is recorded.`]);
  });

  it('is right when people have been erased, whose names and words then tell nothing', () => {
    const { entries, approval, ...rest } = exportOf();
    const erased = { requester: erasedName, votes: approval.votes.map((vote) => ({ ...vote, person: erasedName })), outcome: approval.outcome && { ...approval.outcome, by: erasedName, comment: null } };
    expect(verifyExport({ ...rest, approval: { ...approval, ...erased }, entries: entries.map((entry) => erasePersonal(entry)) }, hash)).toEqual([]);
  });

  it('shows a revision that is missing, and one that nobody recorded', () => {
    const { revisions, ...rest } = exportOf();
    expect(verifyExport({ ...rest, revisions: revisions.slice(0, 1) }, hash)).toEqual(['Revision 2 of the evidence is missing.']);
    expect(verifyExport({ ...rest, revisions: [...revisions, { revision: 3, ...second }] }, hash)).toEqual([wrong(3)]);
  });

  it.each(['open', 'changes_requested'])('of a request that is %s says nothing of its end', (status) => {
    expect(verifyExport(exportOf([requested, resubmitted], { status }), hash)).toEqual([]);
    expect(verifyExport(exportOf(undefined, { status }), hash)).toEqual([`It is said to be ${status}, and the record says "approved".`]);
  });

  it('shows that the request is said to have ended in another way', () => {
    expect(verifyExport(exportOf(undefined, { status: 'rejected' }), hash)).toEqual(['It is said to be rejected, and the record says "approved".']);
    expect(verifyExport(exportOf([requested, resubmitted]), hash)).toEqual(['It is said to be approved, and the record does not say how it ended.']);
  });

  it('that lost all of its entries is shown by a head that was kept elsewhere', () => {
    expect(verifyExport({ ...exportOf([], { status: 'open' }), revisions: [] }, hash, exportOf().head ?? '')).toEqual(['The record does not end as it did: entries after number 0 are missing, or some were written anew.']);
  });
});
