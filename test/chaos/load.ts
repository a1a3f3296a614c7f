import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random';
import type { World } from './world';

export interface LoadOptions {
  clients: number;
  /** Ends by itself after so many starts; without it when it is told to. */
  runs?: number;
  /** Of these keys, where a scenario has several loads. */
  name?: string;
  /** Of the sleeping task of each run, in milliseconds. */
  longestNapMs: number;
  /** Whether a client waits for the end of its run, or only for so many milliseconds, before it starts the next one. */
  next: 'when ended' | number;
}

export interface Load {
  /** Resolves when the last client is done. */
  done: Promise<void>;
  /** Lets each client finish what it is at. */
  stop(): Promise<void>;
}

/** Clients as users have them: each starts a run, looks at lists, follows the run, and begins anew. */
export function beginLoad(world: World, random: Random, { clients, runs = Infinity, name = 'load', longestNapMs, next }: LoadOptions): Load {
  let started = 0;
  let stopping = false;
  const client = async (): Promise<void> => {
    while (world.isOpen && !stopping && started < runs) {
      started += 1;
      const id = await world.startEffects(`${name}-${started}`, random.whole(0, longestNapMs));
      await world.client.call('GET', '/v1/runs?pipeline=effects&limit=5').catch(() => undefined);
      if (next !== 'when ended') await sleep(next);
      else if (id !== undefined) await followed(world, id);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, client)).then(() => undefined);
  return { done, stop: () => { stopping = true; return done; } };
}

/** Waits for the end of a run as scripts do, and remembers it. */
async function followed(world: World, id: string): Promise<void> {
  for (;;) {
    const answer = await world.client.call('GET', `/v1/runs/${id}`, undefined, { prefer: 'wait=10' }).catch(() => undefined);
    if (answer?.status !== 200) return;
    const { status, finishedAt } = answer.body;
    if (typeof status !== 'string' || typeof finishedAt !== 'string') continue;
    world.acknowledged.set(id, { status, finishedAt });
    return;
  }
}
