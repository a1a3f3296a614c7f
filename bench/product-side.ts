import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isFinalRun, runStatuses } from '../domain/pipeline/status';
import { HttpClient, type ApiAccess } from './http-client';
import { longestRunMs, type Side, type StepKind } from './side';

const runSchema = z.object({ id: z.string(), status: z.enum(runStatuses), error: z.object({ code: z.string(), message: z.string() }).nullable() });
const pageSchema = z.object({ items: z.array(z.unknown()) });

const timesSchema = z.object({ startedAt: z.iso.datetime().pipe(z.coerce.date()), finishedAt: z.iso.datetime().pipe(z.coerce.date()) });

export interface Task {
  id: string;
  uses: string;
  with: object;
  needs?: string[];
}

/** A full activity, and a quick one, that do nothing. */
const doingNothing: Record<StepKind, Pick<Task, 'uses' | 'with'>> = {
  full: { uses: 'core.sleep', with: { milliseconds: 0 } },
  quick: { uses: 'core.noop', with: {} },
};
const longestWaitSeconds = 300;
const connections = 200;
const drainCheckMs = 200;

const sideBySide = (kind: StepKind, tasks: number): Task[] => Array.from({ length: tasks }, (_, index) => ({ id: `t${index}`, ...doingNothing[kind] }));

function inSequence(kind: StepKind): Task[] {
  const ids = ['first', 'second', 'third'];
  return ids.map((id, index) => ({ id, ...doingNothing[kind], needs: ids.slice(Math.max(0, index - 1), index) }));
}

function fannedOut(kind: StepKind, tasks: number): Task[] {
  const all = sideBySide(kind, tasks);
  return [...all, { id: 'join', ...doingNothing[kind], needs: all.map(({ id }) => id) }];
}

/** The product, as its clients use it: over HTTP, from the trigger to the end that `Prefer: wait` tells. */
export class ProductSide implements Side {
  readonly http: HttpClient;
  private readonly registered = new Map<string, Promise<unknown>>();

  constructor(access: ApiAccess) {
    this.http = new HttpClient(access, connections);
  }

  async sequence(kind: StepKind): Promise<void> {
    await this.run(await this.pipeline(`bench-sequence-${kind}`, () => inSequence(kind)));
  }

  async fanOut(kind: StepKind, tasks: number): Promise<void> {
    await this.run(await this.pipeline(`bench-fan-out-${kind}-${tasks}`, () => fannedOut(kind, tasks)));
  }

  async wide(kind: StepKind, tasks: number): Promise<void> {
    await this.run(await this.prepareWide(kind, tasks));
  }

  /** Registers what `wide` runs. @returns the name of the pipeline */
  prepareWide(kind: StepKind, tasks: number): Promise<string> {
    return this.pipeline(`bench-wide-${kind}-${tasks}`, () => sideBySide(kind, tasks));
  }

  async start(kind: StepKind): Promise<void> {
    const pipeline = await this.pipeline(`bench-start-${kind}`, () => sideBySide(kind, 1));
    await this.http.json(`/v1/pipelines/${pipeline}/runs`, { method: 'POST', body: {} });
  }

  async drain(): Promise<void> {
    const open = runStatuses.filter((status) => !isFinalRun(status)).join(',');
    while (pageSchema.parse(await this.http.json(`/v1/runs?status=${open}&limit=1`)).items.length > 0) await sleep(drainCheckMs);
  }

  /** Registers a pipeline when it is first asked for: usually by the round that warms up, so that it is not measured. */
  async pipeline(name: string, tasks: () => Task[]): Promise<string> {
    const registering = this.registered.get(name) ?? this.http.json(`/v1/pipelines/${name}`, { method: 'PUT', body: { name, tasks: tasks() } });
    this.registered.set(name, registering);
    await registering;
    return name;
  }

  /** @returns the id of the run. @throws Error when it does not succeed in time */
  async run(pipeline: string): Promise<string> {
    const deadline = performance.now() + longestRunMs;
    let run = runSchema.parse(await this.http.json(`/v1/pipelines/${pipeline}/runs`, { method: 'POST', body: {}, waitSeconds: longestWaitSeconds }));
    while (!isFinalRun(run.status) && performance.now() < deadline) {
      run = runSchema.parse(await this.http.json(`/v1/runs/${run.id}`, { waitSeconds: longestWaitSeconds }));
    }
    if (run.status === 'succeeded') return run.id;
    throw new Error(`Run ${run.id} of ${pipeline} is ${run.status}: ${run.error?.message ?? `it took longer than ${longestRunMs} ms`}`);
  }

  /** Milliseconds from the moment in which a worker took a task of an ended run to that in which it was done. */
  async taskMs(runId: string, task: string): Promise<number> {
    const { startedAt, finishedAt } = timesSchema.parse(await this.http.json(`/v1/runs/${runId}/tasks/${task}`));
    return finishedAt.getTime() - startedAt.getTime();
  }

  close(): void {
    this.http.close();
  }
}
