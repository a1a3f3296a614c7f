import { setTimeout as sleep } from 'node:timers/promises';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld } from '../world';

/** One of two workers stands still with all that it is at, and wakes up when the other one has done that work. */
export const workerStopped = (random: Random, { stoppedMs }: { stoppedMs: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const { stage } = world;
    const [[sleeper]] = await Promise.all([Promise.all([stage.startWorker(), stage.startWorker()]), stage.startApi()]);
    await world.applyEffects();
    const load = beginLoad(world, random, { clients: 8, longestNapMs: 1_500, next: 'when ended' });
    await sleep(random.between(3_000, 5_000));
    process.kill(sleeper.pid, 'SIGSTOP');
    await sleep(stoppedMs);
    process.kill(sleeper.pid, 'SIGCONT');
    // What it had begun a minute ago, it now ends.
    await sleep(5_000);
    await load.stop();
    return reckon(world, { stoppedSeconds: stoppedMs / 1_000 });
  });
