import { at } from '../cells';
import { state, stateCount, stateOf, type State } from './states';

/** The instances of one `forEach`, by item number. */
export class Instances {
  private readonly counts = new Uint32Array(stateCount);
  /** No instance before it is pending. */
  private cursor = 0;

  /** @param limit `maxParallel` */
  constructor(readonly codes: Uint8Array, private readonly limit: number) {
    for (const code of codes) this.counts[code] = at(this.counts, code) + 1;
  }

  get(instance: number): State | undefined {
    return instance < this.codes.length ? stateOf(at(this.codes, instance)) : undefined;
  }

  set(instance: number, code: State): void {
    const before = at(this.codes, instance);
    this.counts[before] = at(this.counts, before) - 1;
    this.counts[code] = at(this.counts, code) + 1;
    this.codes[instance] = code;
  }

  in(code: State): number {
    return at(this.counts, code);
  }

  /** How many could start now. */
  get startable(): number {
    return Math.min(this.in(state.pending), Math.max(0, this.limit - this.in(state.inFlight)));
  }

  get isFinal(): boolean {
    return this.in(state.pending) + this.in(state.inFlight) === 0;
  }

  /** The next one to start; there must be one. */
  next(): number {
    while (at(this.codes, this.cursor) !== state.pending) this.cursor++;
    return this.cursor;
  }

  which(code: State): number[] {
    const found: number[] = [];
    for (let instance = 0; instance < this.codes.length; instance++) if (at(this.codes, instance) === code) found.push(instance);
    return found;
  }

  /** Some have started, in this generation or before. */
  get hasStarted(): boolean {
    return this.in(state.pending) < this.codes.length;
  }

  /** Makes all pending again, or all that did not succeed, and says which. */
  reopen(keepsSucceeded: boolean): number[] {
    const reopened: number[] = [];
    this.codes.forEach((code, instance) => {
      if (code === state.pending || (keepsSucceeded && code === state.succeeded)) return;
      this.set(instance, state.pending);
      reopened.push(instance);
    });
    this.cursor = 0;
    return reopened;
  }

  /**
   * How the task ends once all are final: a failure outweighs a cancel.
   * @param continues its own `continueOnError`: failures became null
   */
  outcome(continues: boolean): State {
    if (this.in(state.failed) > 0 && !continues) return state.failed;
    if (this.in(state.cancelledByStop) > 0) return state.cancelledByStop;
    return this.in(state.cancelledByRequest) > 0 ? state.cancelledByRequest : state.succeeded;
  }
}
