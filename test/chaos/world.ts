import { migrate } from '../../db/migrate';
import { SteadyClient } from '../deploy/steady-client';
import { ProcessStage, type Servers } from '../faults/process-stage';
import { createTestDatabase } from '../harness/database';
import { testTemporal } from '../harness/temporal';
import { FarEnd } from './far-end';

/** How a run ended, when that was first seen. */
export interface Ending {
  status: string;
  finishedAt: string;
}

/** Longer than any outage of the suite: no client gives up before. */
const patienceMs = 90_000;
const settleMs = 120_000;

/** A product of its own as processes, the far end of its effects, a client, and what that client was promised. */
export class World {
  /** Ids of runs of the pipeline of effects that the API has accepted, each with its end once it was seen. */
  readonly acknowledged = new Map<string, Ending | undefined>();
  /** Starts that got no good answer: their runs may exist or not. */
  unanswered = 0;
  isOpen = true;
  private readonly others: SteadyClient[] = [];

  private constructor(readonly stage: ProcessStage, readonly farEnd: FarEnd, readonly client: SteadyClient) {}

  /** A world on these servers, with the pipeline of effects once there is an API. Its processes are for the scenario to start. */
  static async on(servers: Servers, environment: Record<string, string> = {}): Promise<World> {
    const farEnd = await FarEnd.listen();
    const stage = await ProcessStage.on(servers, { ...farEnd.environment, ...environment });
    await migrate(stage.pool);
    await stage.pool.query(FarEnd.table);
    return new World(stage, farEnd, new SteadyClient(() => [stage.apiUrl], stage.key, patienceMs));
  }

  /** A client of a person with a key and a mail address of their own. */
  async clientOf(name: string, roles: string[] = []): Promise<SteadyClient> {
    const { body } = await this.client.call('POST', '/v1/keys', { subject: { type: 'user', name, email: `${name}@example.org` }, roles });
    const client = new SteadyClient(() => [this.stage.apiUrl], String(body['key']), patienceMs);
    this.others.push(client);
    return client;
  }

  /** Stores a definition. @throws Error when it is refused */
  async apply(name: string, document: string): Promise<void> {
    const { status, body } = await this.client.call('PUT', `/v1/pipelines/${name}`, document);
    if (status >= 300) throw new Error(JSON.stringify(body));
  }

  applyEffects = (): Promise<void> => this.apply('effects', this.farEnd.definition);

  /** Starts a run under a key. @returns its id, or undefined when that failed in the end */
  async start(pipeline: string, key: string, inputs: object = {}): Promise<string | undefined> {
    const answer = await this.client.call('POST', `/v1/pipelines/${pipeline}/runs`, { inputs }, { 'idempotency-key': key }).catch(() => undefined);
    return answer?.status === 202 ? String(answer.body['id']) : undefined;
  }

  /** Starts a run of the pipeline of effects, and remembers that it was accepted. */
  async startEffects(key: string, nap = 50): Promise<string | undefined> {
    const id = await this.start('effects', key, { nap });
    if (id === undefined) this.unanswered += 1;
    else if (!this.acknowledged.has(id)) this.acknowledged.set(id, undefined);
    return id;
  }

  /** Waits until every accepted run is final, and remembers how. */
  async settled(): Promise<void> {
    await this.stage.until(settleMs, 'accepted runs did not end', async () => {
      for (const [id, ending] of await this.endings()) this.acknowledged.set(id, this.acknowledged.get(id) ?? ending);
      return [...this.acknowledged.values()].every((ending) => ending !== undefined) ? true : undefined;
    });
  }

  /** Ends of runs as they are now. */
  async endings(): Promise<Map<string, Ending>> {
    const { rows } = await this.stage.pool.query<{ id: string; status: string; finishedAt: Date }>(
      'select id, status, finished_at as "finishedAt" from runs where id = any($1) and finished_at is not null', [[...this.acknowledged.keys()]]);
    return new Map(rows.map(({ id, status, finishedAt }) => [id, { status, finishedAt: finishedAt.toISOString() }]));
  }

  /** Also of a scenario that failed: its clients give up. */
  async close(): Promise<void> {
    this.isOpen = false;
    for (const client of [this.client, ...this.others]) client.giveUp();
    await this.stage.close();
    await this.farEnd.close();
  }
}

/** Does `work` in a world on the servers of the test run, or on given ones. */
export async function inWorld<T>(work: (world: World) => Promise<T>, environment: Record<string, string> = {}, servers?: Servers): Promise<T> {
  const database = servers ? undefined : await createTestDatabase('empty');
  const world = await World.on(servers ?? { databaseUrl: database?.url ?? '', temporalAddress: testTemporal().address }, environment);
  try {
    return await work(world);
  } finally {
    await world.close();
    await database?.close();
  }
}
