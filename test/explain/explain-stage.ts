import { NativeConnection, Worker } from '@temporalio/worker';
import type { Explanation } from '../../domain/pipeline/explain';
import { parseJson } from '../../domain/json';
import { CliStage } from '../cli/cli-stage';

/** Queues that one worker of the tests takes from; each has room for so many activities. */
export const narrowQueue = 'explain-narrow';
export const narrowRoom = 6;

/** An API, a worker and a command line, and what tests ask of them about runs. */
export class ExplainStage {
  private readonly closers: (() => Promise<void>)[] = [];

  private constructor(readonly cli: CliStage) {}

  static async open(): Promise<ExplainStage> {
    return new ExplainStage(await CliStage.open({ DATAMCP_WORKER_QUEUES: narrowQueue, DATAMCP_WORKER_ACTIVITIES: String(narrowRoom) }));
  }

  get api(): CliStage['api'] {
    return this.cli.api;
  }

  /** Applies a document and starts a run of it. @returns its id */
  async start(document: string): Promise<string> {
    const applied = await this.api.apply(document);
    if (applied.status >= 300) throw new Error(applied.text);
    const started = await this.api.call('POST', `/v1/pipelines/${String(applied.body['name'])}/runs`, { body: {} });
    if (started.status !== 202) throw new Error(started.text);
    return String(started.body['id']);
  }

  async act(run: string, action: string, body: object = {}): Promise<void> {
    const { status, text } = await this.api.call('POST', `/v1/runs/${run}/${action}`, { body });
    if (status >= 300) throw new Error(text);
  }

  /** What the API says of a run, or of `task` or `task[3]` of it. */
  async explain(run: string, unit = '', api = this.api): Promise<Explanation> {
    const [, task, instance] = /^(\w+)(?:\[(\d+)\])?$/.exec(unit) ?? [];
    const query = task === undefined ? '' : `?task=${task}${instance === undefined ? '' : `&instance=${instance}`}`;
    const { status, text } = await api.call('GET', `/v1/runs/${run}/explain${query}`, { key: this.api.adminKey });
    if (status !== 200) throw new Error(text);
    const found: unknown = parseJson(text);
    if (!isExplanation(found)) throw new Error(`This explains nothing: ${text}`);
    return found;
  }

  /** What is said once it is of this kind, and with these words in it. */
  async until(run: string, unit: string, kind: Explanation['kind'], words = '', patienceMs = 20_000): Promise<Explanation> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const found = await this.explain(run, unit);
      if (found.kind === kind && found.sentence.includes(words)) return found;
      if (Date.now() > giveUpAt) throw new Error(`It did not become ${kind}: ${JSON.stringify(found)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What the Temporal UI shows beside the workflow of a run. */
  async details(run: string): Promise<string> {
    const { rows } = await this.api.database.pool.query<{ id: string }>('select workflow_id as id from runs where id = $1', [run]);
    const handle = this.api.deps.temporal.workflow.getHandle(rows[0]?.id ?? '');
    return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
  }

  /** Also when the test fails that opened it. */
  onClose(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    await this.cli.close();
  }
}

const isExplanation = (value: unknown): value is Explanation =>
  typeof value === 'object' && value !== null && 'kind' in value && 'sentence' in value && 'next' in value && 'details' in value;

/** A worker of somebody else on a queue of its own: it takes one `core.sleep`, and ends it only when it is told to. */
export async function openStubbornWorker(stage: ExplainStage, taskQueue: string): Promise<{ identity: string; release(): void }> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = stage.api.deps.config;
  const connection = await NativeConnection.connect({ address });
  const released = new AbortController();
  const sleep = async (): Promise<object> => {
    const startedAt = new Date().toISOString();
    await new Promise<void>((resolve) => released.signal.addEventListener('abort', () => resolve()));
    return { attempt: 1, startedAt, finishedAt: new Date().toISOString() };
  };
  const identity = 'somebody-else';
  const worker = await Worker.create({ connection, namespace, taskQueue, identity, activities: { 'core.sleep': sleep } });
  const done = worker.run();
  stage.onClose(async () => {
    released.abort();
    worker.shutdown();
    await done;
    await connection.close();
  });
  return { identity, release: () => released.abort() };
}
