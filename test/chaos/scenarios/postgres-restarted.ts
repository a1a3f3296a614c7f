import { setTimeout as sleep } from 'node:timers/promises';
import { OwnServers } from '../../faults/own-servers';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld } from '../world';

/** Postgres, which is the target of the runs' rows as well, is stopped and started again while runs are started and carried out. */
export async function postgresRestarted(random: Random, { runs }: { runs: number }): Promise<Figures> {
  const servers = await OwnServers.boot('chaos-postgres');
  try {
    return await inWorld(async (world) => {
      await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
      await world.applyEffects();
      const load = beginLoad(world, random, { clients: 6, runs, longestNapMs: 4_000, next: 'when ended' });
      const over = load.done.then(() => 'over' as const);
      let restarts = 0;
      while (await Promise.race([over, sleep(random.between(5_000, 20_000), undefined, { ref: false })]) !== 'over') {
        await servers.stopPostgres();
        await sleep(random.between(0, 2_000));
        await servers.returnPostgres();
        restarts += 1;
      }
      return reckon(world, { restarts });
    }, {}, servers);
  } finally {
    await servers.stop();
  }
}
