import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '../../devstack/postgres';
import { sendSignal } from '../../devstack/processes';
import { startTemporal, type TemporalServer } from '../../devstack/temporal';
import { temporalProgram, type TemporalProgram } from '../../devstack/temporal-program';
import { testEnvironment } from '../harness/environment';
import type { Servers } from './process-stage';

const somePort = (from: number): number => from + Math.floor(Math.random() * 1_000);

/** Postgres and Temporal of one test alone, on files: they can be taken away, and come back with what they had. */
export class OwnServers implements Servers {
  private constructor(private readonly folder: string, private readonly program: TemporalProgram, private postgres: PostgresServer, private temporal: TemporalServer) {}

  /** @param name of a folder that no other test uses */
  static async boot(name: string): Promise<OwnServers> {
    const folder = join(testEnvironment().TEST_DIR, name);
    const program = await temporalProgram(() => undefined);
    const [postgres, temporal] = await Promise.all([bootPostgres(folder, somePort(30_000)), bootTemporal(program, folder, somePort(31_000))]);
    return new OwnServers(folder, program, postgres, temporal);
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }
  get temporalAddress(): string {
    return this.temporal.address;
  }

  async stopPostgres(): Promise<void> {
    await this.postgres.stop();
  }
  /** @throws Error when its port was taken meanwhile: then nobody would find it */
  async returnPostgres(): Promise<void> {
    const { url } = this.postgres;
    this.postgres = await bootPostgres(this.folder, this.postgres.port);
    if (this.postgres.url !== url) throw new Error('Postgres came back at another address');
  }

  /** @param how SIGTERM lets it end in good order, SIGKILL does not */
  async stopTemporal(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    sendSignal(this.temporal.pid, how);
    await this.temporal.exited;
  }
  /** @throws Error when its port was taken meanwhile: then nobody would find it */
  async returnTemporal(): Promise<void> {
    const { address } = this.temporal;
    this.temporal = await bootTemporal(this.program, this.folder, Number(address.split(':')[1]));
    if (this.temporal.address !== address) throw new Error('Temporal came back at another address');
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres.stop(), this.temporal.stop()]);
  }
}

const bootPostgres = (folder: string, port: number): Promise<PostgresServer> => startPostgres({ dir: join(folder, 'postgres'), port, databases: ['datamcp'] });
const bootTemporal = (program: TemporalProgram, folder: string, port: number): Promise<TemporalServer> => startTemporal(program, { dir: join(folder, 'temporal'), port });
