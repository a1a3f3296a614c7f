import { AppError } from '../../errors';
import { limits } from '../../limits';
import { weightOf } from './weight';

/**
 * Counts what one evaluation may cost. A step is about the time of evaluating one node, so that the whole budget is a
 * fraction of a second: a workflow task that takes longer blocks every other workflow of its worker.
 */
export class Meter {
  #left: number = limits.expressionSteps;
  #written = 0;
  #exceeded: AppError | null = null;

  /** Throws `expression_failed` once the budget is used up, always the same error: making one for each item would itself be slow. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw (this.#exceeded ??= new AppError('expression_failed', 'the expression takes too many steps'));
  }

  /** Charges a value that was made, and refuses one that is too large; a shared part counts each time it appears. */
  made(value: unknown): void {
    this.sized(Array.isArray(value) ? value.length : 0);
    const weight = weightOf(value);
    this.spend(Array.isArray(value) ? value.length : 0);
    this.wouldMake(weight);
  }

  /** Charges a value by its size, before it is made. */
  wouldMake(weight: number): void {
    this.spend(weight / 64);
    if (weight > limits.expressionValueBytes) this.#refuse(`a value of the expression is larger than ${limits.expressionValueBytes} bytes`);
  }

  /** Refuses a list of more than `limits.expressionListItems`. */
  sized(items: number): void {
    if (items > limits.expressionListItems) this.#refuse(`a list of the expression has more than ${limits.expressionListItems} items`);
  }

  /** Adds to the size of the whole result, which may name one large value many times. */
  wrote(value: unknown): void {
    this.#written += weightOf(value);
    if (this.#written > limits.resolvedWithBytes) {
      throw new AppError('input_too_large', `the resolved value is larger than ${limits.resolvedWithBytes} bytes`);
    }
  }

  /** Rethrows what `||`, `all` or `exists` swallowed: a bound that was passed decides the whole evaluation. */
  settle(): void {
    if (this.#exceeded) throw this.#exceeded;
  }

  #refuse(message: string): never {
    this.#left = -1;
    throw (this.#exceeded ??= new AppError('expression_failed', message));
  }
}
