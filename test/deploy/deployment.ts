import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startNodeProcess } from '../../devstack/node-process';
import { freePort, lastLines } from '../../devstack/processes';
import type { Running } from '../../devstack/supervisor';
import type { TestDatabase } from '../harness/database';
import { testEnvironment } from '../harness/environment';
import { testTemporal } from '../harness/temporal';
import { readCompose, type ComposeFile, type ComposeService } from './compose-file';
import { imageEnvironment, makeImageFolder } from './image';
import { settingsOf } from './settings';

const run = promisify(execFile);

type ServiceName = 'api' | 'worker' | 'mail';
/** Where each service listens, and what a container's network makes of it. */
const portVariable = { api: 'DATAMCP_API_PORT', worker: 'DATAMCP_WORKER_HEALTH_PORT', mail: 'MAIL_HTTP_PORT' } as const;

/** One process of a service. */
export interface Member {
  service: ServiceName;
  url: string;
  process: Running;
  logFile: string;
}

/**
 * The services of docker-compose.yml as processes of this machine: the image's files, its environment, and the commands
 * and settings of the file. Only what containers bring is replaced: host names, ports, and where volumes are.
 */
export class Deployment {
  readonly image: string;
  readonly adminKey: string;
  readonly members: Member[] = [];
  private readonly started: Member[] = [];
  /** With a queue of its own, because the test files of a run share one server. */
  private readonly temporal = testTemporal();
  private smtpPort = 0;

  private constructor(private readonly dir: string, private readonly database: TestDatabase, private readonly compose: ComposeFile, settings: Record<string, string>) {
    this.image = join(dir, 'image');
    this.adminKey = settings['DATAMCP_BOOTSTRAP_ADMIN_KEY'] ?? '';
  }

  static async on(database: TestDatabase): Promise<Deployment> {
    const dir = join(testEnvironment().TEST_DIR, `deployment-${randomUUID()}`);
    const settings = settingsOf(new URL(database.url).password);
    const deployment = new Deployment(dir, database, readCompose(settings), settings);
    for (const folder of ['artifacts', 'mail', 'tmp']) await mkdir(join(dir, folder), { recursive: true });
    await makeImageFolder(deployment.image);
    deployment.smtpPort = await freePort(somePort());
    return deployment;
  }

  /** Runs the one-shot service. @throws Error with what it said when it fails */
  async setup(): Promise<void> {
    const [, ...args] = this.service('setup').command ?? [];
    await run(process.execPath, args, { cwd: this.image, env: this.environmentOf(this.service('setup')) });
  }

  /** Starts one more process of a service, and asks its own health check whether it is ready. */
  async start(service: ServiceName): Promise<Member> {
    const [, script = ''] = this.service(service).command ?? [];
    const port = await freePort(somePort());
    const url = `http://127.0.0.1:${port}`;
    const logFile = join(this.dir, `${service}-${this.started.length}.log`);
    const process_ = await startNodeProcess({
      name: service, script: join(this.image, script), cwd: this.image, logFile, readyUrl: `${url}${service === 'mail' ? '/livez' : '/readyz'}`, graceMs: 40_000,
      env: { ...this.environmentOf(this.service(service)), [portVariable[service]]: String(port) },
    });
    const member: Member = { service, url, process: process_, logFile };
    this.members.push(member);
    this.started.push(member);
    return member;
  }

  /** Runs the health check of the service against a member. @returns its exit code, as the container engine would see it */
  async health({ service, url }: Member): Promise<number> {
    const [, , ...args] = this.service(service).healthcheck?.test ?? [];
    const here = args.map((arg) => arg.replace(/^http:\/\/127\.0\.0\.1:\d+/, url));
    return run(process.execPath, here, { cwd: this.image }).then(() => 0, (error: { code: number }) => error.code);
  }

  /** Ends a member as the container engine does. @returns how it ended: 0 when in good order */
  async stop(member: Member): Promise<number | string> {
    this.members.splice(this.members.indexOf(member), 1);
    process.kill(member.process.pid, 'SIGTERM');
    return member.process.exited;
  }

  /** Stops one, and starts another of its kind: what an update does with each. */
  async replace(member: Member): Promise<number | string> {
    const end = await this.stop(member);
    await this.start(member.service);
    return end;
  }

  of(service: ServiceName): Member[] {
    return this.members.filter((member) => member.service === service);
  }

  logged(): string {
    return this.started.map(({ logFile }) => readFileSync(logFile, 'utf8')).join('');
  }

  lastWords(): string {
    return this.started.map(({ service, logFile }) => `${service}:\n${lastLines(logFile)}`).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map(({ process: each }) => each.stop()));
  }

  private service(name: string): ComposeService {
    const service = this.compose.services[name];
    if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
    return service;
  }

  private environmentOf(service: ComposeService): Record<string, string> {
    const inContainers = { ...imageEnvironment(), ...service.environment };
    const environment = Object.fromEntries(Object.entries(inContainers).map(([name, value]) => [name, this.onThisMachine(value)]));
    return { PATH: process.env['PATH'] ?? '', ...environment, TEMPORAL_TASK_QUEUE: this.temporal.taskQueue, MAIL_SMTP_PORT: String(this.smtpPort) };
  }

  private onThisMachine(value: string): string {
    const { host, pathname } = new URL(this.database.url);
    const replacements: [string, string][] = [
      ['@postgres:5432/datamcp', `@${host}${pathname}`], ['temporal:7233', this.temporal.address], ['mail:1025', `127.0.0.1:${this.smtpPort}`],
      ['0.0.0.0', '127.0.0.1'], ['/var/lib/datamcp', this.dir], ['/tmp/', `${this.dir}/tmp/`],
    ];
    return replacements.reduce((text, [from, to]) => (text.includes(from) ? text.replace(from, to) : text), value);
  }
}

const somePort = (): number => 21_000 + Math.floor(Math.random() * 8_000);
