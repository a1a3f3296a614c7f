import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Client } from '@temporalio/client';
import { v7 as uuidv7 } from 'uuid';
import { buildApp } from '../../api/app';
import { hashKey, newKeySecret } from '../../api/auth';
import type { Dependencies } from '../../api/dependencies';
import { makeMetrics } from '../../api/metrics';
import { WorkerReports } from '../../api/operations/worker-reports';
import { PlanCache } from '../../api/pipelines/plan-cache';
import { makeServer } from '../../api/server';
import { Changes } from '../../api/wait';
import { builtinCatalogue } from '../../activities/processors';
import { ArtifactTable } from '../../db/artifacts';
import { insertKey } from '../../db/keys';
import { publishCatalogue } from '../../db/processors';
import { eventually } from '../../devstack/processes';
import { ApprovalTokens } from '../../platform/approval-tokens';
import { artifactFiles } from '../../platform/artifact-files';
import { DefinitionChecker } from '../../platform/definition-checker';
import { makeLogger } from '../../platform/logger';
import { makePool } from '../../platform/postgres';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testConfig, testTemporal, testTemporalClient } from '../harness/temporal';

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or the text of anything else. */
  // The shapes of answers are what the tests are about, so they are looked at one member at a time.
  body: Record<string, unknown>;
  text: string;
}

export interface RequestOptions {
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The whole API on a port of its own, over a database of its own and the test run's Temporal. */
export class TestApi {
  readonly adminKey = newKeySecret();
  url = '';

  private constructor(
    readonly deps: Dependencies & { checker: DefinitionChecker; temporal: Client },
    readonly database: TestDatabase,
    private readonly server: Server,
    private readonly stopper: AbortController,
  ) {}

  /** @param reach gives the address under which the API reaches the database */
  static async start(overrides: Record<string, string> = {}, reach = (url: string): string => url): Promise<TestApi> {
    const database = await createTestDatabase();
    const config = testConfig(reach(database.url), testTemporal(), overrides);
    const logger = makeLogger(config.LOG_LEVEL, 'api-test');
    const stopper = new AbortController();
    const pool = makePool(config, logger);
    const deps = {
      config, logger, pool, temporal: testTemporalClient(config), checker: new DefinitionChecker(), approvalTokens: new ApprovalTokens(config), artifacts: new ArtifactTable(pool),
      files: artifactFiles(config), plans: new PlanCache(), changes: new Changes(config, logger, 'run_changed'), approvalChanges: new Changes(config, logger, 'approval_changed'), workers: new WorkerReports(config, logger),
      metrics: makeMetrics(), database: { prepared: true }, stopping: stopper.signal,
    };
    const api = new TestApi(deps, database, makeServer(config, buildApp(deps)), stopper);
    await api.listen();
    await api.addKey(api.adminKey, ['admin'], 'admin');
    await publishCatalogue(database.pool, builtinCatalogue);
    return api;
  }

  private async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${address.port}`;
  }

  async addKey(secret: string, roles: string[], name: string): Promise<void> {
    await insertKey(this.database.pool, {
      id: uuidv7(), hash: hashKey(secret), prefix: secret.slice(0, 12), subject: { type: 'service', name }, roles, groups: [],
      createdBy: 'test', expiresAt: null,
    });
  }

  /** A key with these roles. */
  async keyWith(...roles: string[]): Promise<string> {
    const secret = newKeySecret();
    await this.addKey(secret, roles, `with-${roles.join('-')}`);
    return secret;
  }

  fetch(method: string, path: string, { key = this.adminKey, body, headers = {} }: RequestOptions = {}): Promise<Response> {
    const isText = typeof body === 'string';
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': isText ? 'application/yaml' : 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
  }

  async call(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.fetch(method, path, options);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && !/ndjson/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  /** What the log says of the next request. */
  async loggedOf(send: () => Promise<unknown>): Promise<unknown> {
    const log = jest.spyOn(this.deps.logger, 'log');
    await send();
    // Logged when the connection has it, which may be after the client has it.
    const call = await eventually(() => log.mock.calls.find((words: readonly unknown[]) => words[1] === 'request'), 2_000);
    log.mockRestore();
    return call?.at(2);
  }

  async apply(document: string): Promise<Answer> {
    const name = /^name: *(\S+)/m.exec(document)?.[1] ?? '';
    return this.call('PUT', `/v1/pipelines/${name}`, { body: document });
  }

  async close(): Promise<void> {
    this.stopper.abort();
    this.server.closeAllConnections();
    this.server.close();
    await Promise.allSettled([this.deps.changes.close(), this.deps.approvalChanges.close(), this.deps.workers.close(), this.deps.checker.close(), this.deps.temporal.connection.close(), this.deps.pool.end()]);
    await this.database.close();
  }
}
