import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, errorMessage } from '../domain/errors';
import type { Catalogue } from '../domain/pipeline/catalogue';
import { checkDefinition, type CheckResult, type DefinitionFormat } from '../domain/pipeline/definition';
import type { CheckAnswer, CheckRequest } from './definition-checker-thread';
import { FairQueue } from './fair-queue';

export interface DefinitionCheckerOptions {
  /** How long one check may take. */
  timeoutMs?: number;
  /** Heap of the thread. */
  memoryMb?: number;
  /** Texts up to this many characters are checked at once: the worst of them takes less than handing it over and back. */
  inlineCharacters?: number;
  /** How many checks may wait for the thread: each holds its text. */
  mostWaiting?: number;
  /** How many of these may be of one who asks. */
  mostOfOne?: number;
}

const defaults = { timeoutMs: 30_000, memoryMb: 1_024, inlineCharacters: 16 * 1024, mostWaiting: 32, mostOfOne: 8 };

interface Waiting {
  request: CheckRequest;
  catalogue: Catalogue;
  resolve: (result: CheckResult) => void;
}

/**
 * Checks definitions in a thread with bounds on memory and time, so that a document made to use either up harms its own
 * request only: it is answered as a fault, and the next one gets a new thread. One check runs at a time, and those who ask
 * take turns.
 */
export class DefinitionChecker {
  readonly #options: Required<DefinitionCheckerOptions>;
  readonly #waiting = new FairQueue<Waiting>();
  #worker: Worker | null = null;
  #current: Waiting | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The catalogue that the thread has: it is sent only when it changes. */
  #sent: Catalogue | null = null;
  #closed = false;

  constructor(options: DefinitionCheckerOptions = {}) {
    this.#options = { ...defaults, ...options };
  }

  /**
   * Never rejects for what a document does; rejects after `close`.
   * @param owner who asks
   * @throws AppError `unavailable` when too many wait already, `rate_limited` when too many of this owner do
   */
  async check(text: string, format: DefinitionFormat, catalogue: Catalogue, owner: string): Promise<CheckResult> {
    if (this.#closed) throw new Error('the definition checker is closed');
    if (text.length <= this.#options.inlineCharacters) return checkDefinition(text, format, catalogue);
    const { mostOfOne, mostWaiting } = this.#options;
    if (this.#waiting.sizeOf(owner) >= mostOfOne) {
      throw new AppError('rate_limited', `${mostOfOne} large definitions of this key wait to be checked already. Try again when they are answered.`, { retryable: true });
    }
    if (this.#waiting.size >= mostWaiting) throw new AppError('unavailable', 'Too many large definitions wait to be checked. Try again.', { retryable: true });
    return new Promise((resolve) => {
      this.#waiting.add(owner, { request: { text, format }, catalogue, resolve });
      this.#next();
    });
  }

  /** Ends the thread; checks that are under way are answered as not finished. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#abandon('the server is stopping');
    for (const { resolve } of this.#waiting.clear()) resolve(unfinished('the server is stopping'));
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current || this.#closed) return;
    const next = this.#waiting.take();
    if (!next) return;
    this.#current = next;
    const worker = (this.#worker ??= this.#spawn());
    worker.ref();
    this.#timer = setTimeout(() => this.#abandon(`its check takes longer than ${this.#options.timeoutMs / 1_000} s`), this.#options.timeoutMs);
    worker.postMessage(this.#sent === next.catalogue ? next.request : { ...next.request, catalogue: [...next.catalogue.values()] });
    this.#sent = next.catalogue;
  }

  #spawn(): Worker {
    const worker = new Worker(threadScript(), { resourceLimits: { maxOldGenerationSizeMb: this.#options.memoryMb, stackSizeMb: 4 } });
    worker.on('message', (answer: CheckAnswer) => {
      worker.unref();
      this.#finish('result' in answer ? answer.result : unfinished(answer.error));
    });
    worker.on('error', (error) => worker === this.#worker && this.#abandon(reasonOf(error)));
    worker.on('exit', () => worker === this.#worker && this.#abandon('its check ended early'));
    return worker;
  }

  #finish(result: CheckResult): void {
    const current = this.#current;
    this.#current = null;
    if (this.#timer) clearTimeout(this.#timer);
    current?.resolve(result);
    this.#next();
  }

  /** Gives up the thread and the check in it. */
  #abandon(reason: string): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#sent = null;
    void worker?.terminate();
    if (this.#current) this.#finish(unfinished(reason));
  }
}

function unfinished(reason: string): CheckResult {
  return { plan: null, errors: [{ code: 'document.too_complex', message: `the document could not be checked: ${reason}`, path: '', line: 1, column: 1 }], warnings: [] };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'its check takes too much memory';
  return errorMessage(error);
}

/** Threads run compiled code; from the TypeScript source (tests, scripts) it is the built one. */
function threadScript(): string {
  const name = 'definition-checker-thread.js';
  return extname(__filename) === '.ts' ? join(__dirname, '..', 'dist', 'platform', name) : join(__dirname, name);
}
