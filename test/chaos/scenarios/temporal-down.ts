import { setTimeout as sleep } from 'node:timers/promises';
import { OwnServers } from '../../faults/own-servers';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld } from '../world';

/** Temporal is killed with runs open, and stays away while more runs are started. */
export async function temporalDown(random: Random, { downMs }: { downMs: number }): Promise<Figures> {
  const servers = await OwnServers.boot('chaos-temporal');
  try {
    return await inWorld(async (world) => {
      await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
      await world.applyEffects();
      const load = beginLoad(world, random, { clients: 4, longestNapMs: 2_000, next: 1_500 });
      await sleep(5_000);
      const before = world.acknowledged.size;
      await servers.stopTemporal('SIGKILL');
      await sleep(downMs);
      const during = world.acknowledged.size - before;
      await servers.returnTemporal();
      const backAt = Date.now();
      await sleep(5_000);
      await load.stop();
      await world.settled();
      return reckon(world, { downSeconds: downMs / 1_000, acceptedMeanwhile: during, caughtUpAfterSeconds: Math.round((Date.now() - backAt) / 1_000) });
    }, {}, servers);
  } finally {
    await servers.stop();
  }
}
