import { join } from 'node:path';
import { say } from './console';
import type { Folders } from './folders';
import { commandOf } from './left-over';
import { isPortTaken, startNodeProcess } from './node-process';
import { Parts, type PartName } from './parts';
import { startPostgres } from './postgres';
import { probe } from './probe';
import { eventually, freePort, isAlive, stopProcess } from './processes';
import { reviewerKey } from './reviewer';
import { apiUrl, graceMs, processEnvironment, stackKeys, temporalNamespace, type Addresses, type StackKeys } from './settings';
import { readStackFile, removeStackFile, writeStackFile, type StackFile } from './stack-file';
import { startTemporal } from './temporal';
import { temporalProgram } from './temporal-program';

const preferredPorts = { api: 8080, workerHealth: 9464, smtp: 1025, mail: 8025 };
const startAttempts = 5;
const readyTimeoutMs = 60_000;
const probeTimeoutMs = 5_000;
/** What a process holds beyond what it needs adds up on one machine (see `NodeProcessOptions`). */
const memory = { API: { youngMib: 4, arenas: 2 }, Worker: { youngMib: 4 }, Mail: { youngMib: 1, arenas: 2 } };

export type StackLinks = Pick<StackFile, 'apiUrl' | 'apiKey' | 'approverKey' | 'temporalUiUrl' | 'mailUrl'> & {
  /** For commands that people are shown. */
  temporalProgram: string;
};

/**
 * The local stack: starts its parts as processes, starts again those that die, keeps `stack.json` current, and stops them in order.
 * `DATABASE_URL`, `TEMPORAL_ADDRESS` and `SMTP_URL` in the environment replace the part of that kind.
 */
export class Stack {
  private readonly parts = new Parts(() => this.writeFile());
  private addresses: Partial<Addresses> = {};
  private mailUrl: string | undefined;
  private keys: StackKeys = { admin: '', secrets: '' };
  private approverKey: string | undefined;
  private temporalProgram = 'temporal';
  private writing: Promise<void> = Promise.resolve();
  private isUp = false;

  /** @param staysUp false when it ends with its first run: then nobody is given links that are dead a moment later */
  constructor(private readonly folders: Folders, private readonly staysUp = true) {}

  /** @throws Error that names the part, what was tried and the end of its log; what had started is left for `stop` */
  async start(): Promise<StackLinks> {
    await this.stopLeftOvers();
    this.keys = await stackKeys(this.folders);
    await Promise.all([this.startDatabase(), this.startTemporalServer(), this.startMail()]);
    await onFreePorts(() => this.startApiAndWorker());
    this.approverKey = await reviewerKey(this.folders, apiUrl(this.known()), this.keys.admin);
    this.isUp = true;
    this.writeFile();
    await this.writing;
    return { ...this.content(), temporalProgram: this.temporalProgram };
  }

  async stop(): Promise<void> {
    this.isUp = false;
    await this.writing;
    await removeStackFile(this.folders.data);
    await this.parts.stop();
  }

  kill(): void {
    this.parts.kill();
  }

  private async startDatabase(): Promise<void> {
    const given = process.env['DATABASE_URL'];
    if (given) {
      this.addresses.databaseUrl = given;
      say('  Postgres      the one of DATABASE_URL');
      return;
    }
    const dir = join(this.folders.data, 'postgres');
    await this.parts.start('Postgres', () => startPostgres({ dir, databases: ['datamcp', 'warehouse'], logFile: this.log('postgres') }), (server) => {
      this.moved({ databaseUrl: server.urlOf('datamcp'), warehouseUrl: server.urlOf('warehouse') });
      return `127.0.0.1:${server.port}`;
    });
  }

  private async startTemporalServer(): Promise<void> {
    const given = process.env['TEMPORAL_ADDRESS'];
    if (given) {
      this.addresses = { ...this.addresses, temporalAddress: given, temporalUiUrl: process.env['TEMPORAL_UI_URL'] };
      say(`  Temporal      the one of TEMPORAL_ADDRESS, ${given}`);
      return;
    }
    const program = await temporalProgram(say);
    this.temporalProgram = program.file;
    const options = { dir: join(this.folders.data, 'temporal'), ui: true, namespace: temporalNamespace(), logFile: this.log('temporal') };
    await this.parts.start('Temporal', () => startTemporal(program, options), (server) => {
      this.moved({ temporalAddress: server.address, temporalUiUrl: server.uiUrl });
      return `${server.address}, UI ${server.uiUrl}; server found ${program.origin}`;
    });
  }

  private async startMail(): Promise<void> {
    const given = process.env['SMTP_URL'];
    if (given) {
      this.addresses.smtpUrl = given;
      return;
    }
    await onFreePorts(() => this.startMailCatcher());
  }

  private async startMailCatcher(): Promise<void> {
    const smtpPort = await freePort(preferredPorts.smtp);
    const httpPort = await freePort(preferredPorts.mail, [smtpPort]);
    const url = `http://127.0.0.1:${httpPort}`;
    await this.parts.start('Mail', () => startNodeProcess({
      name: 'The mail catcher',
      script: this.script('devstack', 'mail-catcher', 'main.js'),
      cwd: this.folders.home,
      env: { ...process.env, MAIL_DIR: join(this.folders.data, 'mail'), MAIL_SMTP_PORT: String(smtpPort), MAIL_HTTP_PORT: String(httpPort) },
      logFile: this.log('mail'), readyUrl: `${url}/livez`, graceMs: 3_000, ...memory.Mail,
    }), () => url);
    this.addresses.smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
    this.mailUrl = url;
  }

  private async startApiAndWorker(): Promise<void> {
    const apiPort = await freePort(Number(process.env['DATAMCP_API_PORT']) || preferredPorts.api);
    const workerHealthPort = await freePort(preferredPorts.workerHealth, [apiPort]);
    Object.assign(this.addresses, { apiPort, workerHealthPort });
    const started = await Promise.allSettled([this.startOwn('API', 'api', apiPort), this.startOwn('Worker', 'workers', workerHealthPort)]);
    const failed = started.find((each) => each.status === 'rejected');
    if (!failed) return;
    // Each knows the address of the other.
    await this.parts.stop(['Worker', 'API']);
    throw failed.reason;
  }

  /** Its environment is composed at each start, because a database that was started again may have another address. */
  private async startOwn(name: 'API' | 'Worker', room: string, port: number): Promise<void> {
    const url = `http://127.0.0.1:${port}`;
    await this.parts.start(name, async () => {
      const running = await startNodeProcess({
        name: `The ${name}`, script: this.script(room, 'main.js'), cwd: this.folders.home,
        env: processEnvironment(this.folders, this.staysUp ? this.known() : { ...this.known(), temporalUiUrl: undefined }, this.keys),
        logFile: this.log(name.toLowerCase()), readyUrl: `${url}/livez`, graceMs: graceMs + 2_000, ...memory[name],
      });
      // At the boot "up" means ready; later a part that waits for a database is left to wait, not started anew.
      if (!this.isUp) await waitUntilReady(name, `${url}/readyz`);
      return running;
    }, () => (name === 'API' ? url : 'ready'));
  }

  /** A server that came back at another address takes the processes that know only the old one with it. */
  private moved(addresses: Partial<Addresses>): void {
    const before = JSON.stringify(this.addresses);
    Object.assign(this.addresses, addresses);
    if (!this.isUp || JSON.stringify(this.addresses) === before) return;
    this.parts.restart('Worker');
    this.parts.restart('API');
  }

  private known(): Addresses {
    const { databaseUrl, temporalAddress, smtpUrl, apiPort, workerHealthPort } = this.addresses;
    if (!databaseUrl || !temporalAddress || !smtpUrl || !apiPort || !workerHealthPort) throw new Error('The stack is not up yet');
    return { ...this.addresses, databaseUrl, temporalAddress, smtpUrl, apiPort, workerHealthPort };
  }

  /** Processes of an earlier stack on this folder that was killed and that have not ended yet. */
  private async stopLeftOvers(): Promise<void> {
    const file = await readStackFile(this.folders.data);
    const pids = file ? [file.pids.api, file.pids.mail, ...file.pids.workers] : [];
    await Promise.all(pids.map(async (pid) => {
      if (pid !== null && isAlive(pid) && (await commandOf(pid)).includes(this.script())) await stopProcess(pid);
    }));
    await removeStackFile(this.folders.data);
  }

  private script(...path: string[]): string {
    return join(this.folders.root, 'dist', ...path);
  }

  private log(name: string): string {
    return join(this.folders.logs, `${name}.log`);
  }

  /** One write after the other, so that the newest is the last. */
  private writeFile(): void {
    if (!this.isUp) return;
    this.writing = this.writing
      .then(() => writeStackFile(this.folders.data, this.content()))
      .catch((error: Error) => say(`  stack.json could not be written: ${error.message}`));
  }

  private content(): StackFile {
    const addresses = this.known();
    const pid = (name: PartName) => this.parts.pid(name);
    const worker = pid('Worker');
    return {
      apiUrl: apiUrl(addresses),
      apiKey: this.keys.admin,
      ...(this.approverKey !== undefined && { approverKey: this.approverKey }),
      temporalAddress: addresses.temporalAddress,
      temporalNamespace: temporalNamespace(),
      temporalUiUrl: addresses.temporalUiUrl ?? null,
      databaseUrl: addresses.databaseUrl,
      mailUrl: this.mailUrl ?? null,
      pids: {
        supervisor: process.pid, api: pid('API'), workers: worker === null ? [] : [worker],
        temporal: pid('Temporal'), postgres: pid('Postgres'), mail: pid('Mail'),
      },
    };
  }
}

/** Another clone may take a port between our look and the use of it: then the next free ones are tried. */
async function onFreePorts(start: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === startAttempts || !isPortTaken(error)) throw error;
    }
  }
}

async function waitUntilReady(name: string, url: string): Promise<void> {
  let said = '';
  const ready = await eventually(async () => {
    const answer = await probe(url, probeTimeoutMs);
    said = answer?.text.trim() || said;
    return answer?.ok || undefined;
  }, readyTimeoutMs);
  if (!ready) throw new Error(`The ${name} runs but is not ready after ${readyTimeoutMs / 1_000} s${said ? `: ${said}` : ''}`);
}
