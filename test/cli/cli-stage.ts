import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJson, trustedJson } from '../../cli/json-text';
import type { Json } from '../../domain/json';
import { TestApi } from '../api/test-api';
import { startTestWorker } from '../harness/worker';
import { datamcp, type CommandOptions, type Outcome } from './captured-host';

/** An API with a worker behind it, and a folder in which a user of the command line works. */
export class CliStage {
  readonly folder = mkdtempSync(join(tmpdir(), 'datamcp-cli-'));
  stopWorker: () => Promise<void> = async () => undefined;

  private constructor(readonly api: TestApi) {}

  static async open(overrides: Record<string, string> = {}): Promise<CliStage> {
    const stage = new CliStage(await TestApi.start(overrides));
    await stage.startWorker();
    mkdirSync(join(stage.folder, '.datamcp'));
    stage.write('.datamcp/stack.json', JSON.stringify({ apiUrl: stage.api.url, apiKey: stage.api.adminKey }));
    return stage;
  }

  async startWorker(): Promise<void> {
    const { config, pool, temporal } = this.api.deps;
    this.stopWorker = await startTestWorker(config, pool, temporal);
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a command line in the user's folder. */
  run(argv: string[], options: CommandOptions = {}): Promise<Outcome> {
    return datamcp(argv, { cwd: this.folder, ...options });
  }

  /** Runs a command with `--json`. @throws when it prints anything but one document */
  async json<T = Json>(...argv: string[]): Promise<{ code: number; document: T }> {
    const { code, stdout } = await this.run([...argv, '--json']);
    return { code, document: trustedJson<T>(stdout) };
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.api.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const jsonLines = (text: string): Json[] => text.split('\n').filter(Boolean).map(parseJson);
