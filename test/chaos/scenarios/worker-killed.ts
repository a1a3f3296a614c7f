import { setTimeout as sleep } from 'node:timers/promises';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld } from '../world';

/** One of two workers is killed at random moments under load, and replaced. */
export const workerKilled = (random: Random, { kills }: { kills: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const { stage } = world;
    const [workers] = await Promise.all([Promise.all([stage.startWorker(), stage.startWorker()]), stage.startApi()]);
    await world.applyEffects();
    const load = beginLoad(world, random, { clients: 4, longestNapMs: 1_500, next: 'when ended' });
    for (let killed = 0; killed < kills; killed += 1) {
      await sleep(random.between(200, 3_000));
      const [victim] = workers.splice(random.whole(0, workers.length), 1);
      if (victim) await stage.kill(victim);
      workers.push(await stage.startWorker());
    }
    await load.stop();
    return reckon(world, { kills });
  });
