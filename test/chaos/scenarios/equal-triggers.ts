import { setTimeout as sleep } from 'node:timers/promises';
import { Target } from '../../processors/http-target';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld, type World } from '../world';

const slots = 4;

const limited = (target: string, whenFull: 'queue' | 'reject'): string => `
name: ${whenFull}
concurrency: { key: only, limit: ${slots}, whenFull: ${whenFull} }
tasks: [ { id: work, uses: http.request, with: { method: POST, url: "${target}/\${{ run.id }}" } } ]
`;

/** Many equal triggers at the same moment: under one key; under keys of their own at a door that lets them wait; and at one that refuses. */
export const equalTriggers = ({ triggers }: { triggers: number }): Promise<Figures> =>
  inWorld(async (world) => {
    let most = 0;
    const target = await Target.listen((_path, response) => { most = Math.max(most, target.open); void sleep(60).then(() => response.end('{}')); });
    try {
      await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
      await world.applyEffects();
      await world.apply('queue', limited(target.url, 'queue'));
      await world.apply('reject', limited(target.url, 'reject'));
      const all = Array.from({ length: triggers }, (_, index) => index);
      const equal = new Set(await Promise.all(all.map(() => world.startEffects('the-same'))));
      const queued = await started(world, 'queue', all);
      const admitted = await started(world, 'reject', all);
      const calls = (ids: string[]) => target.calls.filter(({ path }) => ids.includes(path.slice(1))).length;
      const figures = await reckon(world, { triggers, equalRuns: equal.size, queuedRuns: queued.length, admittedRuns: admitted.length, mostAtOnce: most });
      return {
        ...figures,
        breaches: [
          ...figures.breaches,
          ...(equal.size === 1 ? [] : [`one key gave ${equal.size} runs`]),
          ...(queued.length === triggers && calls(queued) === triggers ? [] : [`of ${triggers} queued runs, ${calls(queued)} did their work`]),
          ...(admitted.length >= slots && calls(admitted) === admitted.length ? [] : [`${admitted.length} runs were admitted, ${calls(admitted)} did their work`]),
          ...(most <= slots ? [] : [`${most} runs were at work at once, with ${slots} slots`]),
        ],
      };
    } finally {
      await target.close();
    }
  });

/** Starts a run under each key, and waits for the ends of those that were accepted. */
async function started(world: World, pipeline: string, all: number[]): Promise<string[]> {
  const ids = (await Promise.all(all.map((index) => world.start(pipeline, `${pipeline}-${index}`)))).filter((id) => id !== undefined);
  await Promise.all(ids.map((id) => world.stage.ended(id, 120_000)));
  return ids;
}
