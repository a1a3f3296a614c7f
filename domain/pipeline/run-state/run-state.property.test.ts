import fc from 'fast-check';
import { taskFlag } from '../run-graph';
import type { Node } from '../../../test/run-state/graph';
import { PairedRun, type Step } from '../../../test/run-state/paired-run';

const kinds: Step['kind'][] = [
  'decide', 'decide', 'start', 'start', 'start', 'succeed', 'succeed', 'succeed', 'fail', 'cancelled', 'stop', 'force', 'pause',
  'resume', 'resume', 'retry', 'retry', 'cancelTask', 'restore', 'late',
];
const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat(10_000), yes: fc.boolean() });

const withStatus = taskFlag.evaluate | taskFlag.statusFunction;
const flags: fc.Arbitrary<number> = fc
  .record({
    condition: fc.constantFrom(0, 0, 0, taskFlag.evaluate, withStatus, withStatus | taskFlag.cleanup, withStatus | taskFlag.cleanup | taskFlag.always),
    forEach: fc.constantFrom(0, 0, taskFlag.evaluate | taskFlag.forEach, taskFlag.evaluate | taskFlag.forEach | taskFlag.continueItems),
    continueOnError: fc.constantFrom(0, 0, taskFlag.continueOnError),
    mode: fc.constantFrom(0, 0, taskFlag.waiting),
  })
  .map(({ condition, forEach, continueOnError, mode }) => condition | forEach | continueOnError | mode);

const node = (index: number): fc.Arbitrary<Node> =>
  fc.record({
    needs: index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }).map((needs) => needs.sort((a, b) => a - b)),
    flags,
    maxParallel: fc.constantFrom(undefined, 1, 2),
  });
/** A need may stand after the task that needs it. */
const shuffled = (nodes: Node[], keys: number[]): Node[] => {
  const order = nodes.map((_, index) => index).sort((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0) || one - other);
  const places = order.map((_, index) => order.indexOf(index));
  return order.map((index) => ({ ...nodes[index], needs: (nodes[index]?.needs ?? []).map((need) => places[need] ?? 0).sort((one, other) => one - other) }));
};
const graph = fc.integer({ min: 1, max: 9 }).chain((size) => fc
  .tuple(fc.tuple(...Array.from({ length: size }, (_, index) => node(index))), fc.array(fc.nat(9), { minLength: size, maxLength: size }))
  .map(([nodes, keys]) => shuffled(nodes, keys)));

describe('a run', () => {
  it('behaves like the slow obvious model at every step, and comes to an end, whatever happens to it', () => {
    const run = fc.record({
      nodes: graph, failFast: fc.boolean(), steps: fc.array(step, { maxLength: 60, size: 'max' }),
      picks: fc.array(fc.nat(10_000), { minLength: 1 }),
    });
    fc.assert(fc.property(run, ({ nodes, failFast, steps, picks }) => {
      const pair = new PairedRun(nodes, failFast);
      for (const one of steps) pair.take(one);
      pair.finish((round) => (picks[round % picks.length] ?? 0) + round);
    }), { numRuns: 600 });
  });
});
