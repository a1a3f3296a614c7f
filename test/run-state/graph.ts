import type { RunGraph } from '../../domain/pipeline/run-graph';

/** A task of a graph made by hand. */
export interface Node {
  needs?: number[];
  flags?: number;
  maxParallel?: number;
}

export function graphOf(nodes: Node[], failFast = false): RunGraph {
  const offsets = new Uint32Array(nodes.length + 1);
  nodes.forEach(({ needs = [] }, index) => { offsets[index + 1] = (offsets[index] ?? 0) + needs.length; });
  return {
    size: nodes.length, offsets, failFast,
    needs: Uint32Array.from(nodes.flatMap(({ needs = [] }) => needs)),
    flags: Uint8Array.from(nodes.map(({ flags = 0 }) => flags)),
    maxParallel: new Map(nodes.flatMap(({ maxParallel }, index) => (maxParallel === undefined ? [] : [[index, maxParallel]]))),
  };
}
