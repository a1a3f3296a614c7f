import fc from 'fast-check';
import { panel } from '../../test/approval/samples';
import { snapshotPolicy } from './policy';
import type { Approvers, Policy } from './policy-schema';
import { canFill, fillSeats } from './seating';

const groups: Readonly<Record<string, string[]>> = { 'release-managers': ['ann', 'bob', 'rita'], security: ['ann', 'carl'] };
const resolve = ({ users = [], groups: named = [], roles = [] }: Approvers): string[] => [...named.flatMap((group) => groups[group] ?? []), ...roles.flatMap((role) => (role === 'lead' ? ['dora'] : [])), ...users];
const snapshot = (policy: Policy, escalation?: { to: Approvers; within: string }[]) =>
  snapshotPolicy({ policy, requester: 'rita', resolve, ...(escalation && { escalation }) });

describe('the snapshot of a policy', () => {
  it('resolves users, roles and groups to people, each once, without the requester', () => {
    const approvers = { groups: ['release-managers'], roles: ['lead'], users: ['ann', 'eve'] };
    expect(snapshot({ approvers, quorum: 2 })).toEqual({
      snapshot: {
        stages: [{ panels: [{ name: 'release-managers, lead and 2 more', quorum: 2, members: ['ann', 'bob', 'dora', 'eve'] }] }],
        rejection: 'any', requesterMayDecide: false, rejectionNeedsComment: false, escalation: [],
      },
      faults: [],
    });
  });

  it('keeps the requester where that is allowed', () => {
    const kept = snapshot({ approvers: { groups: ['release-managers'] }, requesterMayDecide: true, rejection: 'majority', rejectionNeedsComment: true });
    expect(kept.snapshot).toMatchObject({ requesterMayDecide: true, rejection: 'majority', rejectionNeedsComment: true, stages: [{ panels: [{ quorum: 1, members: ['ann', 'bob', 'rita'] }] }] });
  });

  it('keeps stages and panels in their order, with their names', () => {
    const { snapshot: kept, faults } = snapshot(
      { stages: [{ name: 'review', panels: [{ name: 'guards', approvers: { groups: ['security'] } }, { approvers: { users: ['bob'] } }] }, { approvers: { roles: ['lead'] } }] },
      [{ to: { users: ['zoe'] }, within: '1d' }],
    );
    expect(kept.stages).toEqual([{ name: 'review', panels: [panel('guards', 1, 'ann', 'carl'), panel('bob', 1, 'bob')] }, { panels: [panel('lead', 1, 'dora')] }]);
    expect(kept.escalation).toEqual([['zoe']]);
    expect(faults).toEqual([]);
  });

  it.each<[string, Policy, string]>([
    ['has too few approvers', { approvers: { groups: ['release-managers'] }, quorum: 3 }, '3 of release-managers must approve, and only 2 may; rita asks, and may not decide unless requesterMayDecide is true'],
    ['has nobody but the requester', { approvers: { users: ['rita'] } }, '1 of rita must approve, and nobody may; rita asks, and may not decide unless requesterMayDecide is true'],
    ['needs one person twice', { panels: [{ approvers: { users: ['ann'] } }, { approvers: { users: ['ann'] } }] }, '2 different people are needed, because everybody counts once, and its approvers are too few for that'],
    ['needs one person in two stages', { stages: [{ approvers: { users: ['ann'] } }, { approvers: { users: ['ann'] } }] }, '2 different people are needed, because everybody counts once, and its approvers are too few for that'],
  ])('is refused when it %s', (_name, policy, problem) => {
    expect(snapshot(policy).faults).toEqual([{ code: 'approval.policy', message: `the policy can never be fulfilled: ${problem}`, path: '/policy' }]);
  });

  it('is refused when it names more people than fit', () => {
    const many = Array.from({ length: 2_001 }, (_, index) => `person ${index}`);
    const named = (count: number) => snapshotPolicy({ policy: { approvers: { roles: ['all'] } }, requester: 'rita', resolve: () => many.slice(0, count) }).faults;
    expect(named(2_000)).toEqual([]);
    expect(named(2_001)).toMatchObject([{ message: 'the policy names 2001 approvers over all panels, at most 2000 are accepted', path: '/policy' }]);
  });

  it('is refused when its escalation leads to nobody', () => {
    expect(snapshot({ approvers: { users: ['ann'] } }, [{ to: { roles: ['nobody'] }, within: '1d' }]).faults).toEqual([{ code: 'approval.policy', message: 'the escalation leads to nobody', path: '/escalation/0/to' }]);
  });
});

describe('places', () => {
  it('are filled as far as they can be, as trying everything shows', () => {
    const people = ['a', 'b', 'c', 'd', 'e'];
    const panels = fc.array(fc.record({ members: fc.subarray(people), quorum: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(panels, fc.shuffledSubarray(people), (seats, present) => {
      const filled = fillSeats(seats, present);
      expect(filled.reduce((sum, one) => sum + one, 0)).toBe(byTrying(seats, present));
      const before = fillSeats(seats, present.slice(0, -1));
      expect(filled.every((places, index) => places >= (before[index] ?? 0) && places <= (seats[index]?.quorum ?? 0))).toBe(true);
    }), { numRuns: 500 });
  });

  it('are enough or not', () => {
    const seats = [panel('one', 1, 'a', 'b'), panel('two', 1, 'a')];
    expect(canFill(seats, ['a', 'b'])).toBe(true);
    expect(canFill(seats, ['a'])).toBe(false);
  });
});

function byTrying(seats: { members: string[]; quorum: number }[], [person, ...others]: string[]): number {
  if (person === undefined) return 0;
  const choices = seats.filter(({ members, quorum }) => members.includes(person) && quorum > 0);
  return Math.max(byTrying(seats, others), ...choices.map((choice) => 1 + byTrying(seats.map((one) => (one === choice ? { ...one, quorum: one.quorum - 1 } : one)), others)));
}
