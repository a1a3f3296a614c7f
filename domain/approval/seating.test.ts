import { canFill, fillSeats } from './seating';

const panels = [{ members: ['ann', 'bob'], quorum: 1 }, { members: ['ann'], quorum: 1 }];

describe('the places of quorums', () => {
  it.each([[['ann', 'bob']], [['bob', 'ann']]])('are all filled whoever comes first: %j', (people) => {
    expect(fillSeats(panels, people)).toEqual([1, 1]);
  });

  it('have nobody in two of them, nobody beyond a quorum, and nobody who is in no panel', () => {
    expect(fillSeats(panels, ['ann'])).toEqual([1, 0]);
    expect(fillSeats([{ members: ['ann', 'bob'], quorum: 1 }], ['ann', 'bob', 'zoe'])).toEqual([1]);
  });

  it('are filled by moving others on over several panels', () => {
    const chain = [{ members: ['ann', 'bob'], quorum: 1 }, { members: ['bob', 'carl'], quorum: 1 }, { members: ['carl', 'dora'], quorum: 1 }];
    expect(fillSeats(chain, ['bob', 'carl', 'dora'])).toEqual([1, 1, 1]);
    expect(fillSeats(chain, ['carl', 'bob', 'ann'])).toEqual([1, 1, 1]);
  });

  it('can be filled by enough people only', () => {
    expect(canFill(panels, ['ann', 'bob'])).toBe(true);
    expect(canFill(panels, ['bob'])).toBe(false);
    expect(canFill([], [])).toBe(true);
  });
});
