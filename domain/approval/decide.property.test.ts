import fc from 'fast-check';
import { ApprovalModel } from '../../test/approval/approval-model';
import { changed, panel, policyOf, shown } from '../../test/approval/samples';
import type { Act } from './act';
import { decide } from './decide';
import type { Form } from './form-schema';
import { isFinal, nextTimer, openApproval, type ApprovalState, type NewApproval } from './state';
import { isRejected, tallyOf } from './tally';

const approvers = ['ann', 'bob', 'carl', 'dora', 'rita'];
const person = fc.constantFrom(...approvers, 'zed', 'olga');
const members = fc.uniqueArray(fc.constantFrom(...approvers), { minLength: 1, maxLength: 4 });

/** A policy of one to three stages of one or two panels; the requester is in it only where that is allowed. */
const policy = fc
  .record({
    stages: fc.array(fc.array(fc.record({ members, quorum: fc.constantFrom(1, 1, 2, 3) }), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    rejection: fc.constantFrom('any' as const, 'majority' as const), requesterMayDecide: fc.boolean(), rejectionNeedsComment: fc.boolean(),
    escalation: fc.array(members, { maxLength: 2 }),
  })
  .map(({ stages, escalation, ...rules }) => {
    const allowed = (people: string[]): string[] => people.filter((one) => rules.requesterMayDecide || one !== 'rita');
    const panels = stages.map((stage) => stage.map((one, index) => panel(`panel ${index}`, one.quorum, ...allowed(one.members))));
    return policyOf(panels, { ...rules, escalation: escalation.map(allowed) });
  });

const request: fc.Arbitrary<NewApproval> = fc
  .record({
    policy, form: fc.constantFrom<Form | undefined>(undefined, { type: 'object', properties: { safe: { type: 'boolean' } }, required: ['safe'] }),
    deadlines: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }), reminders: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
    onDeadline: fc.constantFrom('expire' as const, 'reject' as const, 'approve' as const, 'escalate' as const, 'cancel' as const),
  })
  .map(({ policy: rules, form, deadlines, reminders, onDeadline }) => ({
    requester: 'rita', evidenceHash: shown, policy: rules, ...(form && { form }),
    timetable: {
      // One deadline more than links of the escalation, as a timetable has it, or none.
      deadlines: deadlines.slice(0, 1).flatMap((first) => [first, ...rules.escalation.map((_, link) => first + 30 * (link + 1))]),
      onDeadline, reminders: reminders.sort((one, other) => one - other), timeZone: 'UTC',
    },
  }));

const evidenceHash = fc.constantFrom(undefined, undefined, undefined, shown, changed);
const comment = fc.constantFrom(undefined, 'because', 'x'.repeat(4_001), ' ');
const form = fc.constantFrom(undefined, {}, { safe: true }, { safe: true }, { safe: true }, { safe: 3 }, { other: true });
const given = <T extends object>(fields: T): T => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const vote = fc.record({ type: fc.constantFrom('approve', 'approve', 'approve', 'reject', 'abstain'), by: person, evidenceHash, comment, form, for: fc.constantFrom(undefined, undefined, undefined, 'ann', 'bob') });
const anyone = { by: fc.constantFrom(undefined, 'rita', 'rita', 'ann', 'olga'), operator: fc.constantFrom(undefined, undefined, true) };
const rarely = fc.oneof(
  fc.record({ type: fc.constant('comment'), by: person, comment: fc.constantFrom('a word', '', 'x'.repeat(4_001)), operator: anyone.operator }),
  fc.record({ type: fc.constant('request_changes'), by: person, comment: fc.constantFrom('more of it', 'more of it', ''), evidenceHash }),
  fc.record({ type: fc.constant('resubmit'), by: fc.constantFrom('rita', 'rita', 'rita', 'ann'), evidenceHash: fc.constantFrom(shown, changed), comment }),
  fc.record({ type: fc.constant('revoke'), by: person }),
  fc.record({ type: fc.constant('delegate'), by: person, to: fc.option(person), since: fc.constantFrom(undefined, undefined, 10, 30), until: fc.constantFrom(undefined, undefined, 15, 50) }),
  fc.record({ type: fc.constant('remind'), ...anyone }),
  fc.record({ type: fc.constant('escalate'), ...anyone }),
  fc.record({ type: fc.constant('deadline') }),
);
const withdraw = fc.record({ type: fc.constant('withdraw'), ...anyone, comment });
const acts = fc
  .array(fc.tuple(fc.oneof({ weight: 12, arbitrary: vote }, { weight: 10, arbitrary: rarely }, { weight: 1, arbitrary: withdraw }), fc.constantFrom(0, 0, 1, 1, 2, 8)), { minLength: 1, maxLength: 30, size: 'max' })
  .map((steps) => {
    let at = 0;
    return steps.map(([act, later]) => given({ ...act, at: (at += later) }) as unknown as Act);
  });

/** Most of what happens to it are rejections, and the majority decides: what they come to changes with whom it escalates to. */
const contested: fc.Arbitrary<[NewApproval, Act[]]> = fc.tuple(
  fc.tuple(request, fc.array(members, { minLength: 2, maxLength: 3 }), members).map(([setup, panels, brought]) => ({
    ...setup, form: undefined, timetable: { ...setup.timetable, deadlines: [] },
    policy: policyOf([panels.map((people, index) => panel(`panel ${index}`, 1, ...people))], { rejection: 'majority', requesterMayDecide: true, escalation: [brought] }),
  })),
  fc.array(fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constantFrom('reject' as const, 'reject' as const, 'approve' as const), by: fc.constantFrom(...approvers), at: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.constant({ type: 'escalate' as const, at: 0 }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('request_changes' as const, 'revoke' as const), by: fc.constantFrom(...approvers), comment: fc.constant('more'), at: fc.constant(0) }) },
  ), { minLength: 3, maxLength: 12 }),
);

describe('a request', () => {
  it.each([
    ['', fc.tuple(request, acts), 600], [', also when many reject it', contested, 300],
  ] as const)('is decided as the slow obvious model decides it, at every step, and only once%s', (_name, cases, numRuns) => {
    fc.assert(fc.property(cases, ([setup, steps]) => {
      let state = openApproval(setup);
      const model = new ApprovalModel(setup, shown);
      const seen: string[] = [];
      for (const act of steps) {
        const answer = decide(state, act);
        const result = answer.accepted ? (answer.events.length > 0 ? 'counted' : 'unchanged') : answer.refusal.code;
        expect([act.type, result]).toEqual([act.type, model.act(act)]);
        if (!answer.accepted) continue;
        if (isFinal(state)) expect(answer.state).toBe(state);
        seen.push(...answer.events.map(({ type }) => type));
        ({ state } = answer);
        agree(state, model);
        countsOnce(state);
      }
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      expect(seen.filter((type) => type === 'decided')).toHaveLength(isFinal(state) ? 1 : 0);
    }), { numRuns });
  });
});

function agree(state: ApprovalState, model: ApprovalModel): void {
  expect(state.status).toBe(model.status);
  expect(state.outcome?.by).toBe(model.endedBy);
  expect(state.evidence.hash).toBe(model.hash);
  expect(state.changes?.by ?? null).toBe(model.changesBy);
  expect(state.votes.map((one) => [one.person, one.for ?? one.person, one.choice, one.stage])).toEqual(model.votes.map(Object.values));
  expect(nextTimer(state) === null || !isFinal(state)).toBe(true);
  if (isFinal(state)) return;
  expect(state.stage).toBe(model.stage);
  const rights = state.votes.filter((one) => one.stage === state.stage && one.choice === 'approve').map((one) => one.for ?? one.person);
  const { panels, passed } = tallyOf(state);
  expect(panels.reduce((sum, one) => sum + one.approved, 0)).toBe(model.places(state.stage, rights));
  // An escalation may have filled the last place, or made a majority, while it waits for new evidence.
  expect((passed || isRejected(state)) && state.changes === undefined).toBe(false);
}

/** Nobody votes twice, no right is used twice, and the requester votes only where that is allowed, however votes are delegated. */
function countsOnce({ votes, policy: { requesterMayDecide } }: ApprovalState): void {
  const people = votes.map((one) => one.person);
  expect(new Set(people).size).toBe(people.length);
  expect(new Set(votes.map((one) => one.for ?? one.person)).size).toBe(people.length);
  if (!requesterMayDecide) expect(people).not.toContain('rita');
}
