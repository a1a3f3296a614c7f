import { sendSignal } from '../../../devstack/processes';
import { CommitWatch } from '../commit-watch';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld } from '../world';

const startsAtOnce = 10;

/** The only API dies when Postgres has committed a run and the API does not know it yet; its clients ask again under their keys. */
export const apiKilled = (random: Random, { kills }: { kills: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const { stage } = world;
    const way = await CommitWatch.listen(stage.servers.databaseUrl);
    try {
      const startApi = () => stage.startApi({ environment: { DATABASE_URL: way.url } });
      const [first] = await Promise.all([startApi(), stage.startWorker()]);
      await world.applyEffects();
      let api = first;
      for (let killed = 0; killed < kills; killed += 1) {
        const struck = new Promise<void>((resolve) => {
          way.arm(random.whole(1, startsAtOnce + 1), () => { sendSignal(api.pid, 'SIGKILL'); resolve(); });
        });
        const starts = Promise.all(Array.from({ length: startsAtOnce }, (_, index) => world.startEffects(`start-${killed}-${index}`)));
        await struck;
        await stage.kill(api);
        api = await startApi();
        await starts;
      }
      const figures = await reckon(world, { kills });
      const expected = kills * startsAtOnce;
      return { ...figures, breaches: [...figures.breaches, ...(world.acknowledged.size === expected ? [] : [`${expected} keys gave ${world.acknowledged.size} runs`])] };
    } finally {
      await way.close();
    }
  });
