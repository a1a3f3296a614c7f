import { openApproval, type ApprovalState } from '../../../domain/approval/state';
import { decisionPage } from './decision-page';
import { pageBytes } from './document';
import { formText } from './form-fields';
import type { Scene } from './scene';
import { askedAct } from './submission';

const people = Array.from({ length: 500 }, (_, index) => `approver-${index}`);

/** A request that 500 people may decide, of whom some have. */
function scene(votes: number, person = 'approver-499'): Scene {
  const opened = openApproval({
    requester: 'rita', evidenceHash: 'e'.repeat(64), timetable: { deadlines: [2_000_000_000_000], onDeadline: 'escalate', reminders: [], timeZone: 'Europe/Berlin' },
    policy: { stages: [{ panels: [{ name: 'everybody', quorum: 300, members: people }] }], rejection: 'majority', requesterMayDecide: false, rejectionNeedsComment: false, escalation: [people] },
  });
  const state: ApprovalState = { ...opened, votes: people.slice(0, votes).map((voter) => ({ person: voter, choice: 'approve', stage: 0, at: 1 })) };
  return {
    reviewer: { approval: '0199a1b2-0000-7000-8000-000000000001', person, evidenceHash: state.evidence.hash, channel: 'mail' }, now: 1_900_000_000_000, items: [], changes: null,
    row: {
      id: '0199a1b2-0000-7000-8000-000000000001', workflowId: 'approval/1', runId: null, task: null, instance: null, title: 'All of us?', requester: 'rita', risk: null,
      evidenceHash: state.evidence.hash, revision: 1, status: 'open', standing: 'waiting', deadline: null, outcome: null, createdAt: new Date(0), finishedAt: null,
      request: { title: 'All of us?', policy: { approvers: { users: people } } }, state, seq: 1, head: null,
    },
  };
}

test('of 500 approvers the reader and those who voted are named first, and the rest are counted', () => {
  const page = decisionPage(scene(3), { done: null, sent: {} }, '/decide/x/');
  expect(Buffer.byteLength(page)).toBeLessThan(pageBytes);
  expect([...page.matchAll(/<li>(approver-\d+)/g)].slice(0, 4).map(([, name]) => name)).toEqual(['approver-0', 'approver-1', 'approver-2', 'approver-499']);
  expect(page).toContain('and 480 more');
  expect(page).toContain('3 of 300 approvals needed, of 500 people');
  expect(page).toContain('approver-0, approver-1, approver-2 and 497 more may decide, too');
});

test('the answer that decides says so', () => {
  expect(decisionPage(scene(298), { done: null, sent: {} }, '/')).toContain('Your approval counts. Then: 299 of 300');
  expect(decisionPage(scene(299), { done: null, sent: {} }, '/')).toContain('This decides it: it is approved.');
});

test('somebody who has voted is offered no second vote, but to take the first one back', () => {
  const page = decisionPage(scene(3, 'approver-1'), { done: 'counted', sent: {} }, '/');
  expect(page).not.toContain('name="answer"');
  expect(page).toContain('To answer otherwise, take it back first.');
  expect(page).toContain('value="revoke"');
});

test('somebody to whom several have lent their votes says for whom, and nobody is guessed', () => {
  const shown = scene(3, 'zed');
  const delegations = ['approver-1', 'approver-7', 'approver-8'].map((from) => ({ from, to: 'zed' }));
  const lent = { ...shown, row: { ...shown.row, state: { ...shown.row.state, delegations } } };
  const page = decisionPage(lent, { done: null, sent: { for: 'approver-8' } }, '/');
  expect(page).toContain('<label for="for">For whom do you decide?</label>');
  // The vote of approver-1 is used already.
  expect([...page.matchAll(/<option[^>]*>(approver[^<]*)/g)].map(([, name]) => name)).toEqual(['approver-7', 'approver-8']);
  expect(page).toContain('<option selected>approver-8</option>');
  expect(page).toContain('Your approval counts. Then: 4 of 300');
  const rights = ['approver-7', 'approver-8'];
  expect(() => askedAct({ answer: 'approve' }, undefined, 'hash', rights)).toThrow('Say for whom you decide first.');
  expect(askedAct({ answer: 'approve', for: 'approver-7' }, undefined, 'hash', rights)).toEqual({ name: 'decide', args: { decision: 'approve', evidenceHash: 'hash', for: 'approver-7' } });
  expect(decisionPage({ ...lent, row: { ...lent.row, state: { ...lent.row.state, delegations: delegations.slice(0, 2) } } }, { done: null, sent: {} }, '/')).not.toContain('For whom');
});

test('a form of fifty long fields and fifty long links keep the page under 20 KB, and each is one link away', () => {
  const shown = scene(3);
  const properties = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field_${index}`, { type: 'string' as const, title: 't'.repeat(100), description: 'd'.repeat(150) }]));
  const form = { type: 'object' as const, properties, required: ['field_1'] };
  const items = Array.from({ length: 50 }, (_, index) => ({ title: `Link ${index} ${'t'.repeat(190)}`, url: `https://example.org/${'u'.repeat(1_900)}`, sha256: 'f'.repeat(64) }));
  const page = decisionPage({ ...shown, items, row: { ...shown.row, state: { ...shown.row.state, form } } }, { done: null, sent: {} }, '/decide/x/');
  expect(Buffer.byteLength(page)).toBeLessThan(pageBytes);
  expect(page).toContain('<label>field_1 * <input name="form.field_1"');
  expect(page).toContain('<a href="form">What each field asks for</a>');
  expect(page).toContain('<a href="evidence/1/49">');
  expect(formText(form)).toContain(`field_1: ${'t'.repeat(100)} (needed to approve)\n${'d'.repeat(150)}`);
});

test('ten stages of twenty panels with the longest names keep the page under 20 KB: those of other stages are counted', () => {
  const shown = scene(3);
  const member = (index: number): string => `${index}-${'n'.repeat(190)}`;
  const panel = (index: number) => ({ name: `${'p'.repeat(95)}${index}`, quorum: 2, members: Array.from({ length: 25 }, (_, each) => member(each)) });
  const stages = Array.from({ length: 10 }, (_, index) => ({ name: `${'s'.repeat(95)}${index}`, panels: Array.from({ length: 20 }, (__, each) => panel(each)) }));
  const state: ApprovalState = { ...shown.row.state, votes: [], policy: { ...shown.row.state.policy, stages, escalation: [[0, 1, 2, 3].map(member)] } };
  const standing = 'w'.repeat(2_000);
  const row = { ...shown.row, standing, state, title: 't'.repeat(200), requester: member(30), request: { ...shown.row.request, description: 'd'.repeat(20_000) } };
  const page = decisionPage({ ...shown, reviewer: { ...shown.reviewer, person: member(1) }, row }, { done: null, sent: { comment: 'c'.repeat(1_000) } }, '/decide/x/');
  expect(Buffer.byteLength(page)).toBeLessThan(pageBytes);
  expect(page.match(/20 panels/g)).toHaveLength(9);
});
