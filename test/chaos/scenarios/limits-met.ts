import { randomBytes } from 'node:crypto';
import { edges, type Edge } from '../edges';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { inWorld, type World } from '../world';

/** The pipeline that starts with large bodies and inputs are tried on. */
const echo = 'name: echo\ninputs: { text: { type: string, default: "" } }\ntasks: [ { id: only, uses: core.noop } ]\n';

/** Each limit is met by a byte, exactly, and missed by a byte, while others work. */
export const limitsMet = (random: Random, { only = edges.map(({ what }) => what) }: { only?: string[] } = {}): Promise<Figures> =>
  inWorld(async (world) => {
    await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
    await world.applyEffects();
    await world.apply('echo', echo);
    const load = beginLoad(world, random, { clients: 1, longestNapMs: 300, next: 'when ended' });
    const tried = edges.filter(({ what }) => only.includes(what));
    const breaches: string[] = [];
    for (const edge of tried) breaches.push(...await breachesAt(world, edge));
    await load.stop();
    const figures = await reckon(world, { limits: tried.length, sizes: tried.length * 3 });
    return { ...figures, breaches: [...figures.breaches, ...breaches] };
  }, { DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64') });

async function breachesAt(world: World, { what, limit, refusal, answerTo }: Edge): Promise<string[]> {
  const found: string[] = [];
  for (const [size, expected] of [[limit - 1, 'ok'], [limit, 'ok'], [limit + 1, refusal]] as const) {
    const answer = await answerTo(world, size);
    if (answer !== expected) found.push(`${what} of ${size}: ${answer} instead of ${expected}`);
  }
  return found;
}
