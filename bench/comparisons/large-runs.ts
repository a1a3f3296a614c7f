import { ratioAtLeast, ratioAtMost, type Measurement } from '../measurement';
import type { Comparison, Time } from '../comparison';
import { takeTurns, timeMs, type Rounds } from '../rounds';
import type { Side, StepKind } from '../side';
import type { Sides } from '../bench';

/** A round of more tasks than this takes minutes: it is done once, and long enough to need no other one to warm up. */
const mostRepeated = 20_000;

const roundsFor = (tasks: number, time: Time, rounds: number): Rounds =>
  (tasks > mostRepeated ? time.rounds(1, { warmUp: false }) : time.rounds(rounds));

/** Full tasks as tasks a second; quick ones as seconds, because that is how the promise about them is put. */
async function compare(
  name: string, kind: StepKind, tasks: number, rounds: Rounds, { product, plain }: Sides, work: (side: Side) => Promise<void>,
): Promise<Measurement> {
  const seconds = async (side: Side): Promise<number> => (await timeMs(() => work(side))) / 1_000;
  switch (kind) {
    case 'full': {
      const figures = await takeTurns(rounds, async () => tasks / (await seconds(product)), async () => tasks / (await seconds(plain)));
      return { name, unit: 'tasks a second', ...figures, target: ratioAtLeast(0.9) };
    }
    case 'quick':
      return { name, unit: 's', ...(await takeTurns(rounds, () => seconds(product), () => seconds(plain))), target: ratioAtMost(1.3) };
  }
}

export const fanOut: Comparison = {
  key: 'fan-out',
  about: 'tasks side by side, and one that needs them all',
  async *measure(bench, time) {
    for (const kind of ['full', 'quick'] as const) {
      const tasks = bench.sizes.fanOut;
      const name = `${tasks.toLocaleString('en')} ${kind} tasks and their join`;
      yield await compare(name, kind, tasks + 1, time.rounds(bench.sizes.rounds), await bench.sides(), (side) => side.fanOut(kind, tasks));
    }
  },
};

export const large: Comparison = {
  key: 'large',
  about: 'runs of very many independent tasks',
  async *measure(bench, time) {
    for (const tasks of bench.sizes.tasks) {
      for (const kind of ['quick', 'full'] as const) {
        const sides = await bench.sides();
        await sides.product.prepareWide(kind, tasks);
        const rounds = roundsFor(tasks, time, bench.sizes.rounds);
        yield await compare(`${tasks.toLocaleString('en')} ${kind} tasks`, kind, tasks, rounds, sides, (side) => side.wide(kind, tasks));
      }
    }
  },
};
