import fc from 'fast-check';
import { taskFlag } from '../run-graph';
import type { Node } from '../../../test/run-state/graph';
import { PairedRun, type Step } from '../../../test/run-state/paired-run';

type Kind = Step['kind'];
const usual: Kind[] = ['decide', 'decide', 'start', 'start', 'start', 'succeed', 'succeed', 'succeed', 'fail', 'restore', 'late'];
const stops: Kind[] = ['cancelled', 'stop', 'force'];
const pauses: Kind[] = ['pause', 'resume', 'resume'];
const retries: Kind[] = ['retry', 'retry', 'cancelTask'];
const step = (kinds: Kind[]): fc.Arbitrary<Step> => fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat(10_000), yes: fc.boolean() });

const withStatus = taskFlag.evaluate | taskFlag.statusFunction;
/** @param eager how much more often than otherwise a task is a `forEach` with a status function: what a retry may find half done */
const flags = (eager: number): fc.Arbitrary<number> => fc
  .record({
    condition: fc.constantFrom(0, 0, 0, taskFlag.evaluate, withStatus, withStatus | taskFlag.cleanup, withStatus | taskFlag.cleanup | taskFlag.always, ...Array.from({ length: eager }, () => withStatus)),
    forEach: fc.constantFrom(0, 0, ...Array.from({ length: eager }, () => taskFlag.evaluate | taskFlag.forEach), taskFlag.evaluate | taskFlag.forEach, taskFlag.evaluate | taskFlag.forEach | taskFlag.continueItems),
    continueOnError: fc.constantFrom(0, 0, taskFlag.continueOnError),
    mode: fc.constantFrom(0, 0, taskFlag.waiting),
  })
  .map(({ condition, forEach, continueOnError, mode }) => condition | forEach | continueOnError | mode);

const node = (index: number, eager: number): fc.Arbitrary<Node> =>
  fc.record({
    needs: index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }).map((needs) => needs.sort((a, b) => a - b)),
    flags: flags(eager),
    maxParallel: fc.constantFrom(undefined, 1, 2),
  });
/** A need may stand after the task that needs it. */
const shuffled = (nodes: Node[], keys: number[]): Node[] => {
  const order = nodes.map((_, index) => index).sort((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0) || one - other);
  const places = order.map((_, index) => order.indexOf(index));
  return order.map((index) => ({ ...nodes[index], needs: (nodes[index]?.needs ?? []).map((need) => places[need] ?? 0).sort((one, other) => one - other) }));
};
const graph = (largest: number, eager: number): fc.Arbitrary<Node[]> => fc.integer({ min: 1, max: largest }).chain((size) => fc
  .tuple(fc.tuple(...Array.from({ length: size }, (_, index) => node(index, eager))), fc.array(fc.nat(9), { minLength: size, maxLength: size }))
  .map(([nodes, keys]) => shuffled(nodes, keys)));

interface World {
  kinds: Kind[];
  largest: number;
  eager: number;
  runs: number;
}

describe('a run behaves like the slow obvious model at every step, and comes to an end', () => {
  it.each<[string, World]>([
    ['whatever happens to it', { kinds: [...usual, ...stops, ...pauses, ...retries], largest: 9, eager: 0, runs: 400 }],
    ['when nothing stops it', { kinds: [...usual, ...pauses], largest: 9, eager: 0, runs: 100 }],
    ['when tasks fail and are retried over and over', { kinds: [...usual, 'fail', 'fail', 'decide', 'start', ...retries, ...retries], largest: 4, eager: 4, runs: 400 }],
    ['when it is stopped, forced and cleaned up', { kinds: [...usual, ...stops], largest: 6, eager: 1, runs: 200 }],
  ])('%s', (_name, { kinds, largest, eager, runs }) => {
    const run = fc.record({
      nodes: graph(largest, eager), failFast: fc.boolean(), steps: fc.array(step(kinds), { maxLength: 60, size: 'max' }),
      picks: fc.array(fc.nat(10_000), { minLength: 1 }),
    });
    fc.assert(fc.property(run, ({ nodes, failFast, steps, picks }) => {
      const pair = new PairedRun(nodes, failFast);
      for (const one of steps) pair.take(one);
      pair.finish((round) => (picks[round % picks.length] ?? 0) + round);
    }), { numRuns: runs });
  });
});
