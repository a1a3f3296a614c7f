import {
  BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, type CircuitBreakerPolicy,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { AppError } from '../domain/errors';

export type CircuitStatus = 'closed' | 'half_open' | 'open';

/** A circuit as people see it. */
export interface CircuitReport {
  /** Host and port. */
  host: string;
  status: CircuitStatus;
  /** Failures in a row. */
  failures: number;
  /** When an open circuit lets a call through to see whether the host is back. */
  nextProbeAt: Date | null;
}

export interface CircuitCounts {
  /** Calls that the host has answered, whatever it said. */
  answered: number;
  /** Calls that failed by the host's fault: no connection, no answer in time, 5xx. */
  failed: number;
  /** Calls that were held back. */
  refused: number;
  /** How often the circuit has opened. */
  opened: number;
}

export interface CircuitOptions {
  /** Failures in a row that open a circuit. */
  failures: number;
  /** Time from opening, or from a probe that failed, to the next probe, in milliseconds. */
  probeAfterMs: number;
}

/** Hosts that are remembered: one that was not called for the longest time starts afresh. */
const rememberedHosts = 1_000;
/** How soon a call that met a probe under way may try again. */
const probeUnderWayMs = 1_000;

/**
 * One circuit breaker for each target host, shared by all tasks of a process: a host that is down is asked now and then,
 * by one call at a time, and everybody else is told at once instead of waiting for a time-out.
 */
export class CircuitBreakers {
  private readonly circuits = new LRUCache<string, Circuit>({ max: rememberedHosts });

  constructor(private readonly options: CircuitOptions) {}

  /**
   * Makes a call unless the circuit of its host is open.
   * @throws AppError `circuit_open` (retryable, with `retryAfterMs`); what `call` throws
   */
  run<T>(host: string, call: () => Promise<T>): Promise<T> {
    const circuit = this.circuits.get(host) ?? new Circuit(host, this.options);
    this.circuits.set(host, circuit);
    return circuit.run(call);
  }

  /** All circuits, those in trouble first. */
  report(): (CircuitReport & CircuitCounts)[] {
    return [...this.circuits.values()].map((circuit) => circuit.report()).sort((a, b) => b.failures - a.failures);
  }
}

class Circuit {
  private readonly policy: CircuitBreakerPolicy;
  private readonly counts: CircuitCounts = { answered: 0, failed: 0, refused: 0, opened: 0 };
  private failures = 0;
  private nextProbeAt: Date | null = null;

  constructor(private readonly host: string, options: CircuitOptions) {
    this.policy = circuitBreaker(handleWhen((error) => isFaultOfHost(error) || error instanceof GivenUpProbe), {
      halfOpenAfter: options.probeAfterMs, breaker: new ConsecutiveBreaker(options.failures),
    });
    this.policy.onBreak(() => {
      this.counts.opened += 1;
      this.nextProbeAt = new Date(Date.now() + options.probeAfterMs);
    });
    this.policy.onReset(() => { this.nextProbeAt = null; });
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    // The library would have others wait for the probe, and send them all on when it succeeds.
    if (this.policy.state === CircuitState.HalfOpen) throw this.refusal(probeUnderWayMs);
    const isProbe = this.policy.state === CircuitState.Open;
    try {
      const end = await this.policy.execute(() => this.endOf(call, isProbe));
      if ('error' in end) throw end.error;
      return end.value;
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.refusal(Math.max(0, (this.nextProbeAt?.getTime() ?? 0) - Date.now()));
      throw error instanceof GivenUpProbe ? error.cause : error;
    }
  }

  report(): CircuitReport & CircuitCounts {
    return { host: this.host, status: statusOf(this.policy.state), failures: this.failures, nextProbeAt: this.nextProbeAt, ...this.counts };
  }

  /** Gives what the host has answered, and throws what else became of the call: only that tells the library of failures. */
  private async endOf<T>(call: () => Promise<T>, isProbe: boolean): Promise<{ value: T } | { error: unknown }> {
    try {
      const value = await call();
      this.answered();
      return { value };
    } catch (error) {
      if (isFaultOfHost(error)) {
        this.counts.failed += 1;
        this.failures += 1;
        throw error;
      }
      if (error instanceof AppError && answerCodes.has(error.code)) {
        this.answered();
        return { error };
      }
      // A call that was cancelled, say, has found out nothing about the host.
      throw isProbe ? new GivenUpProbe(error) : error;
    }
  }

  private answered(): void {
    this.counts.answered += 1;
    this.failures = 0;
  }

  private refusal(retryAfterMs: number): AppError {
    this.counts.refused += 1;
    const nextProbeAt = new Date(Date.now() + retryAfterMs).toISOString();
    return new AppError('circuit_open', `${this.host} failed ${this.failures} times in a row; calls are held back until ${nextProbeAt}`, {
      retryable: true, details: { host: this.host, failures: this.failures, nextProbeAt, retryAfterMs },
    });
  }
}

/** A probe that ended without a word about the host: the circuit opens again. */
class GivenUpProbe extends Error {
  constructor(cause: unknown) {
    super('the probe was given up', { cause });
  }
}

/** What is said of an answer that did not suit us. */
const answerCodes: ReadonlySet<string> = new Set(['http_status', 'output_too_large', 'output_invalid']);

/** No connection, no answer in time, 5xx. A 4xx, or an answer that does not suit us, is an answer. */
function isFaultOfHost(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  switch (error.code) {
    case 'http_failed': case 'timed_out': return error.retryable;
    case 'http_status': return statusIn(error.details) >= 500;
    default: return false;
  }
}

const statusIn = (details: unknown): number =>
  typeof details === 'object' && details !== null && 'status' in details ? Number(details.status) : 0;

function statusOf(state: CircuitState): CircuitStatus {
  switch (state) {
    case CircuitState.Closed: return 'closed';
    case CircuitState.HalfOpen: return 'half_open';
    case CircuitState.Open: case CircuitState.Isolated: return 'open';
  }
}
