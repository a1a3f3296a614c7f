import { join } from 'node:path';
import { loadConfig } from '../platform/config';
import { makeTemporalClient, prepareNamespace } from '../platform/temporal';
import { say, step } from './console';
import type { Folders } from './folders';
import { commandOf } from './left-over';
import { startNodeProcess } from './node-process';
import { startPostgres } from './postgres';
import { eventually, freePort, isAlive, sendSignal, stopProcess } from './processes';
import { adminKey, apiUrl, graceMs, processEnvironment, temporalNamespace, type Addresses } from './settings';
import { readStackFile, removeStackFile, writeStackFile, type StackFile } from './stack-file';
import { supervise, type Running, type Supervised } from './supervisor';
import { startTemporal } from './temporal';
import { temporalProgram } from './temporal-program';

const preferredPorts = { api: 8080, workerHealth: 9464, smtp: 1025, mail: 8025 };

/** The parts in the order in which they start; they stop the other way round, save that the worker goes before the API. */
type PartName = 'Postgres' | 'Temporal' | 'Mail' | 'Worker' | 'API';
const stopOrder: readonly PartName[] = ['Worker', 'API', 'Mail', 'Temporal', 'Postgres'];

export interface StackLinks {
  apiUrl: string;
  apiKey: string;
  temporalUiUrl: string | null;
  mailUrl: string | null;
}

/**
 * The local stack: starts its parts as processes, starts again those that die, keeps `stack.json` current, and stops them in order.
 * `DATABASE_URL`, `TEMPORAL_ADDRESS` and `SMTP_URL` in the environment replace the part of that kind.
 */
export class Stack {
  private readonly parts = new Map<PartName, Supervised<Running>>();
  private addresses: Partial<Addresses> = {};
  private mailUrl: string | undefined;
  private apiKey = '';
  private writing: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly folders: Folders) {}

  /** @throws Error that names the part, what was tried and the end of its log; what had started is left for `stop` */
  async start(): Promise<StackLinks> {
    await this.stopLeftOvers();
    this.apiKey = await adminKey(this.folders);
    await Promise.all([this.startDatabase(), this.startTemporalServer(), this.startMail()]);
    const addresses = await this.choosePorts();
    await Promise.all([this.startOwn('API', 'api', addresses.apiPort), this.startOwn('Worker', 'workers', addresses.workerHealthPort)]);
    await this.waitUntilReady(addresses);
    this.writeFile();
    await this.writing;
    const { apiUrl: url, apiKey, temporalUiUrl, mailUrl } = this.content(addresses);
    return { apiUrl: url, apiKey, temporalUiUrl, mailUrl };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.writing.catch(() => undefined);
    await removeStackFile(this.folders.data);
    for (const name of stopOrder) await this.parts.get(name)?.stop();
  }

  /** For the impatient: everything at once, without waiting for running work. */
  kill(): void {
    for (const part of this.parts.values()) {
      const running = part.current();
      if (running) sendSignal(running.pid, 'SIGKILL');
    }
  }

  private async startDatabase(): Promise<void> {
    const given = process.env['DATABASE_URL'];
    if (given) {
      this.addresses.databaseUrl = given;
      say('  Postgres      the one of DATABASE_URL');
      return;
    }
    await this.startPart('Postgres', () => startPostgres({
      dir: join(this.folders.data, 'postgres'), databases: ['datamcp', 'warehouse'], logFile: this.log('postgres'),
    }), (server) => {
      this.addresses.databaseUrl = server.urlOf('datamcp');
      this.addresses.warehouseUrl = server.urlOf('warehouse');
      return `127.0.0.1:${server.port}`;
    });
  }

  private async startTemporalServer(): Promise<void> {
    const given = process.env['TEMPORAL_ADDRESS'];
    if (given) {
      this.addresses.temporalAddress = given;
      this.addresses.temporalUiUrl = process.env['TEMPORAL_UI_URL'];
      say(`  Temporal      the one of TEMPORAL_ADDRESS, ${given}`);
    } else {
      const program = await temporalProgram(say);
      await this.startPart('Temporal', () => startTemporal(program, {
        dir: join(this.folders.data, 'temporal'), ui: true, logFile: this.log('temporal'),
      }), (server) => {
        this.addresses.temporalAddress = server.address;
        this.addresses.temporalUiUrl = server.uiUrl;
        return `${server.address}, UI ${server.uiUrl ?? ''}; server found ${program.origin}`;
      });
    }
    await this.prepareTemporal();
  }

  private async prepareTemporal(): Promise<void> {
    const config = loadConfig({
      ...process.env, DATABASE_URL: 'postgresql://unused', TEMPORAL_ADDRESS: this.addresses.temporalAddress, TEMPORAL_NAMESPACE: temporalNamespace(),
    });
    const client = makeTemporalClient(config);
    await prepareNamespace(client).finally(() => client.connection.close());
  }

  private async startMail(): Promise<void> {
    const given = process.env['SMTP_URL'];
    if (given) {
      this.addresses.smtpUrl = given;
      return;
    }
    const smtpPort = await freePort(preferredPorts.smtp);
    const httpPort = await freePort(preferredPorts.mail, [smtpPort]);
    const url = `http://127.0.0.1:${httpPort}`;
    await this.startPart('Mail', () => startNodeProcess({
      name: 'The mail catcher',
      script: join(this.folders.root, 'dist', 'devstack', 'mail-catcher', 'main.js'),
      cwd: this.folders.home,
      env: { ...process.env, MAIL_DIR: join(this.folders.data, 'mail'), MAIL_SMTP_PORT: String(smtpPort), MAIL_HTTP_PORT: String(httpPort) },
      logFile: this.log('mail'), readyUrl: `${url}/livez`, graceMs: 3_000,
    }), () => url);
    this.addresses.smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
    this.mailUrl = url;
  }

  private async choosePorts(): Promise<Addresses> {
    const apiPort = await freePort(Number(process.env['DATAMCP_API_PORT']) || preferredPorts.api);
    const workerHealthPort = await freePort(preferredPorts.workerHealth, [apiPort]);
    Object.assign(this.addresses, { apiPort, workerHealthPort });
    return this.known();
  }

  private known(): Addresses {
    const { databaseUrl, temporalAddress, smtpUrl, apiPort, workerHealthPort } = this.addresses;
    if (!databaseUrl || !temporalAddress || !smtpUrl || !apiPort || !workerHealthPort) throw new Error('The stack is not up yet');
    return { ...this.addresses, databaseUrl, temporalAddress, smtpUrl, apiPort, workerHealthPort };
  }

  /** Its environment is composed at each start, because a database that was started again may have another address. */
  private async startOwn(name: 'API' | 'Worker', room: string, port: number): Promise<void> {
    const url = `http://127.0.0.1:${port}`;
    await this.startPart(name, () => startNodeProcess({
      name: `The ${name}`, script: join(this.folders.root, 'dist', room, 'main.js'), cwd: this.folders.home,
      env: processEnvironment(this.folders, this.known(), this.apiKey),
      logFile: this.log(name.toLowerCase()), readyUrl: `${url}/livez`, graceMs: graceMs + 2_000,
    }), () => (name === 'API' ? url : 'ready'));
  }

  private async startPart<T extends Running>(name: PartName, launch: () => Promise<T>, describe: (running: T) => string): Promise<void> {
    const part = await step(name, () => supervise(name, launch, {
      onChange: () => this.writeFile(),
      onRestart: (running) => this.afterRestart(describe, running),
    }), (started) => {
      const running = started.current();
      return running ? describe(running) : 'ended at once';
    });
    this.parts.set(name, part);
  }

  /** A server that comes back at another address takes the processes that know only the old one with it: they start again. */
  private afterRestart<T extends Running>(describe: (running: T) => string, running: T): void {
    const before = JSON.stringify(this.addresses);
    describe(running);
    if (JSON.stringify(this.addresses) === before) return;
    for (const name of ['Worker', 'API'] as const) {
      const own = this.parts.get(name)?.current();
      if (own) sendSignal(own.pid, 'SIGTERM');
    }
  }

  private async waitUntilReady(addresses: Addresses): Promise<void> {
    const ready = await eventually(async () => {
      const response = await fetch(`${apiUrl(addresses)}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
      return response?.ok ? true : undefined;
    }, 60_000, 100);
    if (!ready) throw new Error(`The API runs but is not ready: ${apiUrl(addresses)}/readyz tells why`);
  }

  /** Processes of an earlier stack on this folder that was killed and that have not ended yet. */
  private async stopLeftOvers(): Promise<void> {
    const file = await readStackFile(this.folders.data);
    if (!file) return;
    const { api, mail, workers } = file.pids;
    const script = join(this.folders.root, 'dist');
    await Promise.all([api, mail, ...workers].map(async (pid) => {
      if (pid !== null && isAlive(pid) && (await commandOf(pid)).includes(script)) await stopProcess(pid);
    }));
    await removeStackFile(this.folders.data);
  }

  private log(name: string): string {
    return join(this.folders.logs, `${name}.log`);
  }

  /** One write after the other, so that the newest is the last. */
  private writeFile(): void {
    if (this.stopping || !this.parts.has('API')) return;
    this.writing = this.writing
      .then(() => writeStackFile(this.folders.data, this.content(this.known())))
      .catch((error: Error) => say(`  stack.json could not be written: ${error.message}`));
  }

  private content(addresses: Addresses): StackFile {
    const pidOf = (name: PartName) => this.parts.get(name)?.current()?.pid ?? null;
    const worker = pidOf('Worker');
    return {
      apiUrl: apiUrl(addresses),
      apiKey: this.apiKey,
      temporalAddress: addresses.temporalAddress,
      temporalNamespace: temporalNamespace(),
      temporalUiUrl: addresses.temporalUiUrl ?? null,
      databaseUrl: addresses.databaseUrl,
      mailUrl: this.mailUrl ?? null,
      pids: {
        supervisor: process.pid, api: pidOf('API'), workers: worker === null ? [] : [worker],
        temporal: pidOf('Temporal'), postgres: pidOf('Postgres'), mail: pidOf('Mail'),
      },
    };
  }
}
