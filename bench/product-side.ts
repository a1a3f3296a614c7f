import { z } from 'zod';
import { isFinalRun, runStatuses } from '../domain/pipeline/status';
import type { Side } from './comparison';
import type { StepKind } from './plain/workflows';
import type { StackAddresses } from './stack';

const runSchema = z.object({ id: z.string(), status: z.enum(runStatuses), error: z.object({ code: z.string(), message: z.string() }).nullable() });

/** A full activity, and a quick one, that do nothing. */
const uses: Record<StepKind, { uses: string; with: object }> = {
  full: { uses: 'core.sleep', with: { milliseconds: 0 } },
  quick: { uses: 'core.noop', with: {} },
};
const longestWaitSeconds = 300;

/** The product, as its clients use it: over HTTP, from the trigger to the end that `Prefer: wait` tells. */
export class ProductSide implements Side {
  constructor(private readonly address: Pick<StackAddresses, 'apiUrl' | 'apiKey'>) {}

  /** Registers the pipelines; registering is not what is measured. */
  async prepare(tasks: number): Promise<void> {
    const sequence = ['first', 'second', 'third'].map((id, index, ids) => ({ id, ...uses.full, needs: ids.slice(Math.max(0, index - 1), index) }));
    await this.register('bench-sequence', sequence);
    for (const kind of ['full', 'quick'] as const) {
      await this.register(`bench-${kind}`, Array.from({ length: tasks }, (_, index) => ({ id: `t${index}`, ...uses[kind] })));
    }
  }

  sequence(timeoutMs: number): Promise<void> {
    return this.run('bench-sequence', timeoutMs);
  }

  fanOut(kind: StepKind, _tasks: number, timeoutMs: number): Promise<void> {
    return this.run(`bench-${kind}`, timeoutMs);
  }

  private async register(name: string, tasks: object[]): Promise<void> {
    await this.call('PUT', `/v1/pipelines/${name}`, { name, tasks }, 0);
  }

  /** @throws Error when the run does not succeed in time */
  private async run(pipeline: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const waitSeconds = (): number => Math.max(1, Math.min(longestWaitSeconds, Math.ceil((deadline - performance.now()) / 1_000)));
    let run = runSchema.parse(await this.call('POST', `/v1/pipelines/${pipeline}/runs`, {}, waitSeconds()));
    while (!isFinalRun(run.status) && performance.now() < deadline) {
      run = runSchema.parse(await this.call('GET', `/v1/runs/${run.id}`, undefined, waitSeconds()));
    }
    if (run.status === 'succeeded') return;
    throw new Error(`Run ${run.id} of ${pipeline} is ${run.status}: ${run.error?.message ?? `it took longer than ${timeoutMs} ms`}`);
  }

  private async call(method: string, path: string, body: object | undefined, waitSeconds: number): Promise<unknown> {
    const response = await fetch(this.address.apiUrl + path, {
      method,
      headers: {
        'authorization': `Bearer ${this.address.apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1_000)}`);
    return JSON.parse(text);
  }
}
