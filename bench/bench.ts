import { setTimeout as sleep } from 'node:timers/promises';
import { PlainSide } from './plain/side';
import { ProductSide } from './product-side';
import { BenchStack, type StackAddresses } from './stack';

/** How much is measured. */
export interface Sizes {
  /** Rounds of what takes seconds; what takes moments has ten times as many. */
  rounds: number;
  /** Tasks of the large runs. */
  tasks: number[];
  /** Tasks that fan out and join in one run. */
  fanOut: number;
  /** Runs of a round, of which fifty are under way at a time. */
  runs: number;
  /** Starts of a round. */
  starts: number;
  storedRuns: number;
  /** Requests for a decision that are open together, and then decided all at once. */
  approvals: number[];
  /** For how long one round reads. */
  readSeconds: number;
  /** How long an idle stack is left alone before it is weighed. */
  settleSeconds: number;
}

/** Both sides on one server. */
export interface Sides {
  product: ProductSide;
  plain: PlainSide;
  addresses: StackAddresses;
}

const startingGraceMs = 5_000;

/** What comparisons work with: one stack for all of them, which starts when the first one asks for it. */
export class Bench {
  readonly stack = new BenchStack();
  private opening: Promise<Sides> | undefined;

  constructor(readonly sizes: Sizes, readonly stopped: AbortSignal) {}

  /** @throws Error that names the part of the stack that did not start */
  sides(): Promise<Sides> {
    this.opening ??= this.open();
    return this.opening;
  }

  /** @param keep leaves logs and data of the stack, for whoever has to find out what went wrong */
  async close(keep: boolean): Promise<void> {
    // What is just starting should be known before it is stopped; what is not, ends with this process.
    const opened = this.opening?.catch(() => undefined);
    const sides = await Promise.race([opened, sleep(startingGraceMs, undefined, { ref: false })]);
    sides?.product.close();
    await sides?.plain.stop();
    await this.stack.stop(keep);
  }

  private async open(): Promise<Sides> {
    const addresses = await this.stack.start();
    return { addresses, product: new ProductSide(addresses), plain: await PlainSide.start(this.stack.folders, addresses) };
  }
}
