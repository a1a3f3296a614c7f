import fc from 'fast-check';
import { encodeGraph, GraphReader } from './graph-codec';
import type { RunGraph } from './run-graph';

/** Graphs of up to 150 tasks, whose needs may stand before and after them. */
const graphs: fc.Arbitrary<RunGraph> = fc.integer({ min: 0, max: 150 }).chain((size) =>
  fc.record({
    lists: fc.array(fc.array(fc.nat({ max: Math.max(0, size - 1) }), { maxLength: 5 }), { minLength: size, maxLength: size }),
    flags: fc.uint8Array({ minLength: size, maxLength: size }),
    limits: fc.array(fc.tuple(fc.nat(1_000), fc.nat(50))),
    failFast: fc.boolean(),
  }).map(({ lists, flags, limits, failFast }) => graphWith(lists, flags, new Map(limits), failFast)),
);

function graphWith(lists: number[][], flags: Uint8Array, maxParallel: ReadonlyMap<number, number>, failFast: boolean): RunGraph {
  const ends = lists.map((_list, task) => lists.slice(0, task + 1).flat().length);
  return { size: lists.length, offsets: Uint32Array.from([0, ...ends]), needs: Uint32Array.from(lists.flat()), flags, maxParallel, failFast };
}

/** Sends a graph in chunks of so many bytes and puts it together again. */
function sent({ size, needs, maxParallel, failFast, ...rest }: RunGraph, chunkBytes: number): RunGraph {
  const bytes = encodeGraph({ size, needs, maxParallel, failFast, ...rest });
  const reader = new GraphReader({ size, edges: needs.length, failFast, maxParallel: [...maxParallel] });
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.add(bytes.slice(at, at + chunkBytes));
  return reader.graph();
}

describe('a graph in bytes', () => {
  it('is the same graph after it was sent in chunks of any size', () => {
    fc.assert(fc.property(graphs, fc.integer({ min: 1, max: 500 }), (graph, chunkBytes) => expect(sent(graph, chunkBytes)).toEqual(graph)));
  });

  it('bears distances of a hundred thousand tasks in both directions', () => {
    const last = 99_999;
    const offsets = new Uint32Array(last + 2).fill(1);
    offsets.set([0]);
    offsets.set([2], last + 1);
    const graph: RunGraph = { size: last + 1, offsets, needs: Uint32Array.of(last, 0), flags: new Uint8Array(last + 1), maxParallel: new Map(), failFast: false };
    const { needs, offsets: ends } = sent(graph, 4_096);
    expect([[...needs], Buffer.from(ends.buffer).equals(Buffer.from(offsets.buffer))]).toEqual([[last, 0], true]);
  });

  it('takes few bytes where tasks need their neighbours', () => {
    const chain = graphWith(Array.from({ length: 1_000 }, (_, n) => (n === 0 ? [] : [n - 1])), new Uint8Array(1_000), new Map(), false);
    expect(encodeGraph(chain).length).toBeLessThan(3_000 + 1);
  });
});
