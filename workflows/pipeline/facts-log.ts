import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { RunEvent, RunFacts, TaskFact } from '../../domain/pipeline/facts';

/** What a fact weighs beside its output, generously. */
const factBytes = 200;

interface Entry {
  seq: number;
  bytes: number;
  task?: TaskFact;
  event?: RunEvent;
}

/** The run's own part of a batch of facts. */
export type RunSummary = Omit<RunFacts, 'seq' | 'tasks' | 'events'>;

/** What happened in a run and has not been written to the read model yet, in order. */
export class FactsLog {
  private entries: Entry[] = [];

  constructor(private seq = 0) {}

  get lastSeq(): number {
    return this.seq;
  }
  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  get fitsOneBatch(): boolean {
    return this.entries.reduce((sum, { bytes }) => sum + bytes, 0) <= limits.messageBytes;
  }

  addTask(fact: Omit<TaskFact, 'seq'>): void {
    const seq = ++this.seq;
    this.entries.push({ seq, bytes: factBytes + sizeOf(fact.output) + sizeOf(fact.items) + sizeOf(fact.error), task: { seq, ...fact } });
  }

  addEvent(type: string, at: string, data: JsonObject = {}): void {
    const seq = ++this.seq;
    this.entries.push({ seq, bytes: factBytes + sizeOf(data), event: { seq, type, at, data } });
  }

  /** Takes the oldest facts, as many as fit one batch. */
  take(run: RunSummary): RunFacts {
    let bytes = 0;
    let count = 0;
    while (count < this.entries.length && (count === 0 || bytes + (this.entries[count]?.bytes ?? 0) <= limits.messageBytes)) {
      bytes += this.entries[count++]?.bytes ?? 0;
    }
    const taken = this.entries.splice(0, count);
    return {
      ...run,
      seq: taken.at(-1)?.seq ?? this.seq,
      tasks: taken.flatMap(({ task }) => (task ? [task] : [])),
      events: taken.flatMap(({ event }) => (event ? [event] : [])),
    };
  }
}

const sizeOf = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length * 2);
