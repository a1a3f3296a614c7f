import { at } from './cells';
import type { RunGraph } from './run-graph';

/** A chunk of a graph stays far under Temporal's 2 MB for a payload. */
export const graphChunkBytes = 480 * 1024;

interface GraphSize {
  size: number;
  edges: number;
  failFast: boolean;
  maxParallel: [task: number, limit: number][];
}

/**
 * A graph as bytes: flags (one byte a task), then the number of needs and the needs of each task as variable-length
 * integers. A need is written as its distance, which is short in most graphs.
 */
export function encodeGraph(graph: RunGraph): Uint8Array {
  const bytes: number[] = Array.from(graph.flags);
  const put = (value: number): void => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  for (let task = 0; task < graph.size; task++) {
    const from = at(graph.offsets, task);
    const to = at(graph.offsets, task + 1);
    put(to - from);
    // A need may stand after the task that needs it: even numbers look back, odd ones ahead.
    for (let edge = from; edge < to; edge++) {
      const distance = task - at(graph.needs, edge);
      put(distance >= 0 ? distance * 2 : -distance * 2 - 1);
    }
  }
  return Uint8Array.from(bytes);
}

/** Puts a graph together from the chunks of its bytes. */
export class GraphReader {
  private readonly chunks: Uint8Array[] = [];

  constructor(private readonly summary: GraphSize) {}

  add(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }

  graph(): RunGraph {
    const bytes = concat(this.chunks);
    const { size, edges, failFast, maxParallel } = this.summary;
    const offsets = new Uint32Array(size + 1);
    const needs = new Uint32Array(edges);
    let position = size;
    const next = (): number => {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = at(bytes, position++);
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    };
    let edge = 0;
    for (let task = 0; task < size; task++) {
      for (let left = next(); left > 0; left--) {
        const coded = next();
        needs[edge++] = coded % 2 === 0 ? task - coded / 2 : task + (coded + 1) / 2;
      }
      offsets[task + 1] = edge;
    }
    return { size, offsets, needs, flags: bytes.slice(0, size), maxParallel: new Map(maxParallel), failFast };
  }
}

function concat(chunks: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}
