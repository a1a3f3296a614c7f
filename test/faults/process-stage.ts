import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { startNodeProcess } from '../../devstack/node-process';
import { freePort, lastLines, sendSignal } from '../../devstack/processes';
import type { Running } from '../../devstack/supervisor';
import { makeLogger } from '../../platform/logger';
import { makePool, type Pool } from '../../platform/postgres';
import { createTestDatabase } from '../harness/database';
import { testEnvironment } from '../harness/environment';

const root = resolve(__dirname, '..', '..');
const key = `dmcp_${'faults-'.repeat(7)}`;

export interface Servers {
  databaseUrl: string;
  temporalAddress: string;
}
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}
type Part = 'worker' | 'api';

/** What one process has of its own. */
export interface Surroundings {
  /** Variables, over those of the stage. */
  environment?: Record<string, string>;
  /** A program with its arguments that starts the process in its turn, in the same process id. */
  launcher?: readonly string[];
}

/** Workers and an API as processes of their own, as they run in production, so that they can be killed. */
export class ProcessStage {
  readonly pool: Pool;
  readonly dir = join(testEnvironment().TEST_DIR, `faults-${randomUUID()}`);
  private readonly taskQueue = `faults-${randomUUID()}`;
  private readonly running = new Set<Running>();
  private readonly logs: string[] = [];
  private closeDatabase = async (): Promise<void> => undefined;

  constructor(readonly servers: Servers, private readonly apiPort: number, private readonly environment: Record<string, string>) {
    this.pool = makePool({ DATABASE_URL: servers.databaseUrl, DATAMCP_DATABASE_POOL: 4 }, makeLogger('error', 'faults'));
  }

  /** @param environment variables of all processes, over those that every stage sets */
  static async on(servers: Servers, environment: Record<string, string> = {}): Promise<ProcessStage> {
    return new ProcessStage(servers, await freePort(somePort()), environment);
  }

  /** On the servers of the test run, with a database of its own that ends with it. */
  static async open(environment: Record<string, string> = {}): Promise<ProcessStage> {
    const database = await createTestDatabase();
    const stage = await ProcessStage.on({ databaseUrl: database.url, temporalAddress: testEnvironment().TEST_TEMPORAL_ADDRESS }, environment);
    stage.closeDatabase = () => database.close();
    return stage;
  }

  startWorker = (surroundings?: Surroundings): Promise<Running> => this.start('worker', surroundings);
  startApi = (surroundings?: Surroundings): Promise<Running> => this.start('api', surroundings);

  async kill(process_: Running): Promise<void> {
    sendSignal(process_.pid, 'SIGKILL');
    await process_.exited;
    this.running.delete(process_);
  }

  async stop(process_: Running): Promise<void> {
    await process_.stop();
    this.running.delete(process_);
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.apiPort}`;
  }

  /** An admin key. */
  readonly key = key;
  /** Headers of a call with it. */
  readonly authorization = { authorization: `Bearer ${key}` };

  /** A call of the API with an admin key. @throws TypeError of `fetch` while there is no API */
  async call(method: string, path: string, body?: string | object, headers: Record<string, string> = {}): Promise<Answer> {
    const isDocument = typeof body === 'string';
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: { ...this.authorization, ...(body !== undefined && { 'content-type': isDocument ? 'application/yaml' : 'application/json' }), ...headers },
      ...(body !== undefined && { body: isDocument ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  }

  /** Stores a definition. @throws Error with the answer when it is refused */
  async apply(document: string | { name: string }): Promise<void> {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    const name = /"?name"?: *"?([\w-]+)/.exec(text)?.[1] ?? '';
    const { status, body } = await this.call('PUT', `/v1/pipelines/${name}`, text, { 'content-type': typeof document === 'string' ? 'application/yaml' : 'application/json' });
    if (status >= 300) throw new Error(JSON.stringify(body));
  }

  async startRun(pipeline: string, headers: Record<string, string> = {}): Promise<string> {
    const { status, body } = await this.call('POST', `/v1/pipelines/${pipeline}/runs`, {}, headers);
    if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
    return String(body['id']);
  }

  /** Waits until the run is final; returns its status. */
  async ended(id: string, patienceMs = 40_000): Promise<string> {
    return this.until(patienceMs, `run ${id} did not end`, async () => {
      const { rows } = await this.pool.query<{ status: string }>('select status from runs where id = $1 and finished_at is not null', [id]);
      return rows[0]?.status;
    });
  }

  /** Waits until so many tasks of the run are final. */
  async progressed(id: string, tasks: number, patienceMs = 30_000): Promise<void> {
    await this.until(patienceMs, `run ${id} had not ${tasks} final tasks`, async () => {
      const { rows } = await this.pool.query<{ count: number }>('select count(*) from run_tasks where run_id = $1 and final', [id]);
      return (rows[0]?.count ?? 0) >= tasks ? true : undefined;
    });
  }

  async until<T>(patienceMs: number, otherwise: string, probe: () => Promise<T | undefined>): Promise<T> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      // While Postgres is down there is nothing to see.
      const found = await probe().catch(() => undefined);
      if (found !== undefined) return found;
      if (Date.now() > giveUpAt) throw new Error(`${otherwise} in ${patienceMs} ms. ${this.lastWords()}`);
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  /** Final events of a run: by task, or `run` for those of the run itself. */
  async finalEvents(id: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ type: string; data: { task: string; instance?: number } }>('select type, data from run_events where run_id = $1 order by seq', [id]);
    return rows.filter(({ type }) => /\.(succeeded|failed|skipped|cancelled|timed_out)$/.test(type))
      .map(({ type, data }) => (type.startsWith('run.') ? type : `${data.task}[${data.instance ?? -1}] ${type}`)).sort();
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((process_) => process_.stop()));
    await this.pool.end();
    await this.closeDatabase();
  }

  /** Everything that the processes have logged. */
  logged(): string {
    return this.logs.map((file) => readFileSync(file, 'utf8')).join('');
  }

  private lastWords(): string {
    return [...this.logs].map((file) => `${basename(file)} ends with:\n${lastLines(file)}`).join('\n');
  }

  private async start(part: Part, { environment, launcher }: Surroundings = {}): Promise<Running> {
    const healthPort = part === 'api' ? this.apiPort : await freePort(somePort());
    const logFile = join(this.dir, `${part}-${this.logs.length}.log`);
    this.logs.push(logFile);
    const running = await startNodeProcess({
      name: part, script: join(root, 'dist', part === 'api' ? 'api' : 'workers', 'main.js'), cwd: root,
      logFile, readyUrl: `http://127.0.0.1:${healthPort}/readyz`, graceMs: 3_000, ...(launcher && { launcher }),
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: this.servers.databaseUrl, TEMPORAL_ADDRESS: this.servers.temporalAddress,
        TEMPORAL_NAMESPACE: testEnvironment().TEST_TEMPORAL_NAMESPACE, TEMPORAL_TASK_QUEUE: this.taskQueue,
        DATAMCP_API_PORT: String(this.apiPort), DATAMCP_BOOTSTRAP_ADMIN_KEY: key, DATAMCP_WORKER_HEALTH_PORT: String(healthPort),
        DATAMCP_ARTIFACTS: join(this.dir, 'artifacts'), DATAMCP_CONNECTION_WAREHOUSE: this.servers.databaseUrl,
        DATAMCP_DATA_DIRS: join(root, 'node_modules', 'vega-datasets', 'data'), DATAMCP_SHUTDOWN_GRACE_MS: '2000', LOG_LEVEL: 'warn',
        ...this.environment, ...environment,
      },
    });
    this.running.add(running);
    return running;
  }
}

const somePort = (): number => 21_000 + Math.floor(Math.random() * 8_000);
