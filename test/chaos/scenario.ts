import type { Random } from './random';

/** What a scenario found. */
export interface Figures {
  /** Calls of the API, as clients make them: good at once, and good when repeated as clients should. */
  operations: { all: number; firstTry: number; withRetry: number };
  runs: { acknowledged: number; succeeded: number; endedOnce: number };
  /** At the far end: `repeated` are those that came again under the key or id that they had before. */
  effects: { rows: number; posts: number; repeatedPosts: number; mails: number; repeatedMails: number };
  /** What was done to the system, and what else was measured. */
  notes: Record<string, number | string>;
  /** Each sentence is a promise that was broken. */
  breaches: string[];
}

/** One kind of fault, and what is still true under it. */
export interface Scenario {
  /** For `--only`. */
  name: string;
  /** What happens, and what is expected. */
  title: string;
  /** What this machine lacks for it. */
  missing?: string | undefined;
  run: (random: Random) => Promise<Figures>;
}

const leastShare = 0.95;

/** @returns a breach when too few were good */
export const enough = (what: string, good: number, all: number): string[] =>
  good >= leastShare * all ? [] : [`only ${good} of ${all} ${what} succeeded`];
