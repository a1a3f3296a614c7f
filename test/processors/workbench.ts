import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { ProcessorContext } from '../../activities/processor';
import { builtinProcessors } from '../../activities/processors';
import { ArtifactTable } from '../../db/artifacts';
import type { ArtifactRef } from '../../domain/artifact';
import { artifactFiles } from '../../platform/artifact-files';
import { ArtifactStore } from '../../platform/artifacts';
import { loadConfig, type Config } from '../../platform/config';
import { Connections } from '../../platform/connections';
import { HttpClient } from '../../platform/http';
import { Mailer } from '../../platform/mail';
import { SecretMask } from '../../platform/secret-mask';
import { environmentSecrets, Secrets } from '../../platform/secrets';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testEnvironment } from '../harness/environment';

export const dataFolder = join(__dirname, '../../node_modules/vega-datasets/data');

/** A task of one run, as a processor sees it. */
export interface Attempt {
  run?: string;
  task?: string;
  instance?: number | null;
  attempt?: number;
  generation?: number;
  signal?: AbortSignal;
}

export interface Outcome {
  output: Record<string, unknown>;
  log: { level: string; message: string; fields?: Record<string, unknown> }[];
  progress: number[];
}

/** Runs single processors on the real thing: database, artifact folder, connections, mail and HTTP. */
export class Workbench {
  readonly http: HttpClient;

  private constructor(readonly database: TestDatabase, readonly config: Config, readonly artifactsFolder: string) {
    this.http = new HttpClient(config);
  }

  static async create(environment: Record<string, string> = {}): Promise<Workbench> {
    const database = await createTestDatabase();
    const artifactsFolder = await mkdtemp(join(testEnvironment().TEST_DIR, 'artifacts-'));
    const config = loadConfig({
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: 'unused:0',
      DATAMCP_ARTIFACTS: artifactsFolder,
      DATAMCP_DATA_DIRS: dataFolder,
      DATAMCP_CONNECTION_WAREHOUSE: database.url,
      DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8',
      // Few tests are about circuits; the failures of the others must not open one.
      DATAMCP_CIRCUIT_FAILURES: '1000',
      ...environment,
    });
    return new Workbench(database, config, artifactsFolder);
  }

  /** Checks the input as the wrapper does, processes it, and checks the output against its schema. */
  async run(uses: string, input: unknown, attempt: Attempt = {}): Promise<Outcome> {
    const processor = builtinProcessors.get(uses);
    if (processor === undefined || 'inWorkflow' in processor) throw new Error(`${uses} is not a processor`);
    const log: Outcome['log'] = [];
    const progress: number[] = [];
    const context = this.context(attempt, log, progress);
    try {
      const result: unknown = await processor.process(context, processor.input.parse(input));
      const output = processor.output.parse(result) as Record<string, unknown>;
      return { output: JSON.parse(JSON.stringify(output)) as Record<string, unknown>, log, progress };
    } finally {
      await context.artifacts.close();
      await context.connections.close();
    }
  }

  async save(name: string, contentType: string, source: string | Buffer): Promise<ArtifactRef> {
    return this.artifacts({ run: randomUUID(), task: 'given' }).save(name, contentType, source);
  }

  async read(artifact: unknown): Promise<string> {
    return text(await this.artifacts({}).open(artifact as ArtifactRef));
  }

  artifacts({ run = randomUUID(), task = 'task', instance = null }: Attempt): ArtifactStore {
    return new ArtifactStore(artifactFiles(this.config), new ArtifactTable(this.database.pool), { runId: run, task, instance });
  }

  async close(): Promise<void> {
    await Promise.all([this.http.close(), this.database.close()]);
  }

  private context(attempt: Attempt, log: Outcome['log'], progress: number[]): ProcessorContext {
    const { run = randomUUID(), task = 'task', instance = null } = attempt;
    const line = (level: string) => (message: string, fields?: Record<string, unknown>) => void log.push({ level, message, ...(fields && { fields }) });
    return {
      signal: attempt.signal ?? new AbortController().signal,
      logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      progress: (percent) => void progress.push(percent),
      idempotencyKey: `${run}/${task}/${instance ?? ''}`,
      run: {
        id: run, pipeline: 'test', version: 1, startedAt: new Date(0).toISOString(), scheduledAt: null,
        trigger: { type: 'api' }, requestedBy: 'test',
      },
      task: { id: task, instance, attempt: attempt.attempt ?? 1, generation: attempt.generation ?? 0 },
      artifacts: this.artifacts({ run, task, instance }),
      connections: new Connections(this.config.connections),
      secrets: new Secrets([environmentSecrets(this.config.secrets)], new SecretMask()),
      mailer: new Mailer(this.config),
      http: this.http,
      config: this.config,
    };
  }
}

/** A signal that is aborted after a while, and the reason that it gives. */
export function abortAfter(milliseconds: number): { signal: AbortSignal; reason: Error } {
  const reason = new Error('told to stop');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return { signal: controller.signal, reason };
}
