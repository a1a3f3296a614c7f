import { Target } from '../../processors/http-target';
import { beginLoad } from '../load';
import { poisonAnswers, poisonDefinitions, poisonPipeline } from '../poisons';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld, type World } from '../world';

/** A definition that takes longer holds up somebody. */
const longestCheckMs = 5_000;

/** Definitions, answers of targets and log lines that are meant to hurt, while others work. */
export const poisoned = (random: Random, { rounds }: { rounds: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const target = await Target.listen((path, response) => poisonAnswers[path.slice(1)]?.(response));
    try {
      await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
      await world.applyEffects();
      await world.apply('poison', poisonPipeline(target.url));
      const load = beginLoad(world, random, { clients: 2, longestNapMs: 300, next: 'when ended' });
      const breaches: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const run = world.start('poison', `poison-${round}`);
        for (const name of Object.keys(poisonDefinitions)) breaches.push(...await definitionBreaches(world, name));
        const status = await world.stage.ended((await run) ?? '', 90_000);
        if (status !== 'succeeded') breaches.push(`the run of poison ended as ${status}`);
      }
      await load.stop();
      const figures = await reckon(world, { definitions: Object.keys(poisonDefinitions).length, answers: Object.keys(poisonAnswers).length, rounds });
      return { ...figures, breaches: [...figures.breaches, ...breaches] };
    } finally {
      await target.close();
    }
  });

/** A definition that is refused by a validation, and by the attempt to store it; both soon. */
async function definitionBreaches({ client }: World, name: string): Promise<string[]> {
  const { text = '', type = 'yaml' } = poisonDefinitions[name] ?? {};
  const headers = { 'content-type': `application/${type}` };
  const beganAt = Date.now();
  const validated = await client.call('POST', '/v1/pipelines/validate', text, headers);
  const stored = await client.call('PUT', '/v1/pipelines/poisonous', text, headers);
  const tookMs = Date.now() - beganAt;
  return [
    ...(validated.body['valid'] === true || validated.status >= 500 ? [`${name} was validated: ${validated.status}`] : []),
    ...(stored.status >= 400 && stored.status < 500 ? [] : [`${name} was stored: ${stored.status}`]),
    ...(tookMs <= 2 * longestCheckMs ? [] : [`${name} took ${tookMs} ms`]),
  ];
}
