import { performance } from 'node:perf_hooks';
import type { Bench } from './bench';
import type { Measurement } from './measurement';
import type { Rounds } from './rounds';

/** One part of the benchmark. */
export interface Comparison {
  /** For `--only`. */
  key: string;
  /** What it looks at, for people. */
  about: string;
  /** Gives each figure as soon as it is known, so that nothing is lost when a later one fails. */
  measure(bench: Bench, time: Time): AsyncIterable<Measurement>;
}

/** The time of one part. */
export class Time {
  private readonly deadlineMs: number;

  constructor(minutes: number, private readonly stopped: AbortSignal) {
    this.deadlineMs = performance.now() + minutes * 60_000;
  }

  /** So many rounds, as far as the time allows, after one that does not count. */
  rounds(count: number, { warmUp = true } = {}): Rounds {
    return { count, warmUp, deadlineMs: this.deadlineMs, stopped: this.stopped };
  }
}
