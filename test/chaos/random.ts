/** Numbers that look random and are the same ones for the same seed (mulberry32, by Tommy Ettinger). */
export class Random {
  constructor(private state: number) {}

  /** From `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high));
  }
}
