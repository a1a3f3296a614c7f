import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const pauseMs = 100;
/** Nobody that can be retried with sense is refused for longer. */
const usualPatienceMs = 15_000;

/** A client as clients should be: it has several addresses, and repeats what did not arrive or is refused for now. */
export class SteadyClient {
  calls = 0;
  /** Calls that were good the first time, and those that never were. */
  firstTry = 0;
  failed = 0;

  /** @param addresses as they are at this moment */
  constructor(private readonly addresses: () => string[], private readonly key: string, private patienceMs = usualPatienceMs) {}

  /** Nobody waits for answers any more. */
  giveUp(): void {
    this.patienceMs = 0;
  }

  /** @throws Error when it was retried in vain */
  async call(method: string, path: string, body?: string | object, headers: Record<string, string> = {}): Promise<Answer> {
    this.calls += 1;
    const beganAt = Date.now();
    const first = this.calls;
    for (let turn = first; ; turn += 1) {
      const found = await this.once(turn, method, path, body, headers);
      if (!(found instanceof Error) && !isForNow(found)) {
        if (turn === first) this.firstTry += 1;
        return found;
      }
      if (Date.now() > beganAt + this.patienceMs) {
        this.failed += 1;
        throw found instanceof Error ? found : new Error(`${method} ${path}: ${found.status} ${JSON.stringify(found.body)}`);
      }
      await sleep(pauseMs);
    }
  }

  private async once(turn: number, method: string, path: string, body: string | object | undefined, headers: Record<string, string>): Promise<Answer | Error> {
    const addresses = this.addresses();
    const address = addresses[turn % addresses.length];
    if (address === undefined) return new Error('no address');
    const isText = typeof body === 'string';
    try {
      const response = await fetch(`${address}${path}`, {
        method, headers: { authorization: `Bearer ${this.key}`, ...(body !== undefined && { 'content-type': isText ? 'application/yaml' : 'application/json' }), ...headers },
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: JSON.parse(await response.text()) };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** A restart is not the client's fault, and passes; an in-flight twin has its answer soon. */
const isForNow = ({ status, body }: Answer): boolean => status >= 500 || (status === 409 && body['code'] === 'idempotency.in_flight');
