/** Approvers of whom so many must approve. */
export interface Seats {
  members: readonly string[];
  quorum: number;
}

/**
 * Who fills which quorum, when everybody counts once, in one panel only: as many places as possible are filled.
 * A panel that has reached its quorum passes people on to others that they are members of, too (augmenting paths in a
 * bipartite graph). The more people, the more places: no panel ever has fewer because one more approved.
 * @returns for each panel how many of its places are filled
 */
export function fillSeats(panels: readonly Seats[], people: Iterable<string>): number[] {
  const seating = new Seating(panels);
  for (const person of people) seating.seat(person, new Set());
  return seating.seated.map(({ length }) => length);
}

/** Whether these people are enough for every quorum. */
export const canFill = (panels: readonly Seats[], people: Iterable<string>): boolean =>
  fillSeats(panels, people).every((filled, index) => filled === panels[index]?.quorum);

class Seating {
  readonly seated: string[][];
  private readonly panelsOf = new Map<string, number[]>();

  constructor(private readonly panels: readonly Seats[]) {
    this.seated = panels.map(() => []);
    panels.forEach(({ members }, panel) => members.forEach((member) => this.panelsOf.set(member, [...(this.panelsOf.get(member) ?? []), panel])));
  }

  /** @param tried panels from which nobody can be moved on; each is looked at once */
  seat(person: string, tried: Set<number>): boolean {
    for (const panel of this.panelsOf.get(person) ?? []) {
      if (tried.has(panel)) continue;
      tried.add(panel);
      if (this.hasPlace(panel) || this.makesPlace(panel, tried)) {
        this.seated[panel]?.push(person);
        return true;
      }
    }
    return false;
  }

  private hasPlace(panel: number): boolean {
    return (this.seated[panel]?.length ?? 0) < (this.panels[panel]?.quorum ?? 0);
  }

  private makesPlace(panel: number, tried: Set<number>): boolean {
    const people = this.seated[panel] ?? [];
    const moved = people.findIndex((person) => this.seat(person, tried));
    if (moved >= 0) people.splice(moved, 1);
    return moved >= 0;
  }
}
